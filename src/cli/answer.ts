import { basename, extname } from "node:path";
import { type Command, Option } from "commander";
import type { Effects } from "../core/effects.ts";
import { type CandlebookError, inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { type QueryOptions, queryPieces } from "../serving/query.ts";
import { FILE_FORMATS, type FileFormat, queryFile, queryText } from "../serving/queryFile.ts";
import { type CommonOptions, type Reply, report, type Shell, wholeNumber } from "./shell.ts";
import { bytesText, counted, textTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

/** The options of a command that answers a question. */
export interface AnswerOptions {
  format?: "table" | FileFormat;
  output?: string;
  timeout: string;
}

/** Limit of a table on the terminal. */
const MOST_ROWS = 1_000;

/** Gives a command the options of an answer. */
export function withAnswerOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--format <form>",
        "format of the result (default: by the output's name, else table)",
      ).choices(["table", ...FILE_FORMATS]),
    )
    .option("--out, --output <file>", "file for the result: NAME.csv, NAME.json, NAME.parquet or NAME.xlsx")
    .option("--timeout <seconds>", "upper limit of the engine's time", "60");
}

/** A question, and what it may name. */
export type Question = { sql: string } & Pick<QueryOptions, "at" | "views">;

/**
 * Answers a question as the options state: on the terminal, as text for programs, or in a file.
 * @throws CandlebookError `bad_option`, and as `queryFile`
 */
export async function answer(
  shell: Shell,
  workspace: Workspace,
  { sql, ...tables }: Question,
  options: AnswerOptions & CommonOptions & Effects,
): Promise<Reply> {
  const { output, json, progress, signal } = options;
  const format = options.format ?? formatOf(output);
  const timeoutSeconds = wholeNumber("--timeout", options.timeout, 1, 86_400);
  const unresponsive = endProcess(shell.terminal, options);
  const limited = { ...tables, progress, signal, timeoutSeconds, unresponsive };
  if (output !== undefined) {
    if (format === "table") throw wrongForm("The format table is for the terminal, not for a file.");
    const { rows, bytes } = await queryFile(workspace, { sql, format }, output, limited);
    const text = `${output}: ${counted(rows, "row")}, ${bytesText(bytes)}`;
    return { json: { output, format, rows, bytes }, text };
  }
  if (format === "parquet" || format === "xlsx") {
    throw wrongForm(`The format ${format} is written to a file, not to the terminal.`);
  }
  if (format === "table" && !json) return shortTable(workspace, sql, limited);
  const text = { sql, format: json || format === "table" ? "object" : format } as const;
  await queryText(workspace, text, shell.terminal.out, limited);
  // The text is written already.
  return { text: "" };
}

/** The format that an output's name states; `table` without an output. @throws CandlebookError `bad_option` */
function formatOf(output: string | undefined): "table" | FileFormat {
  if (output === undefined) return "table";
  const ending = extname(output).slice(1).toLowerCase();
  const format = FILE_FORMATS.find((known) => known === ending);
  if (format !== undefined) return format;
  throw wrongForm(`The name ${basename(output)} states none of the formats ${FILE_FORMATS.join(", ")}.`);
}

function wrongForm(message: string): Error {
  return inputError(
    "bad_option",
    message,
    `Name a file that ends in .csv, .json, .parquet or .xlsx, or add --format ${FILE_FORMATS.join("|")}.`,
  );
}

async function shortTable(workspace: Workspace, sql: string, options: QueryOptions): Promise<Reply> {
  let columns: string[] = [];
  const rows: Record<string, unknown>[] = [];
  await queryPieces(workspace, sql, options, (piece) => {
    columns = piece.columns;
    rows.push(...piece.rows);
    return rows.length <= MOST_ROWS;
  });
  const table = textTable(rows.slice(0, MOST_ROWS), columns) || "(no rows)";
  const more = `\n… and more. All of it: --output FILE.csv`;
  return { json: {}, text: rows.length > MOST_ROWS ? `${table}${more}` : table };
}

/** The last resort: native code that obeys no interrupt also holds up an ordinary exit. */
function endProcess(terminal: Terminal, options: CommonOptions): (error: CandlebookError) => void {
  return (error) => {
    report(terminal, error, options);
    process.kill(process.pid, "SIGKILL");
  };
}
