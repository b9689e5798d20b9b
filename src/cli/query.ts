import { type Command, Option } from "commander";
import { type CandlebookError, inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { type QueryOptions, queryPieces } from "../serving/query.ts";
import { FILE_FORMATS, type FileFormat, queryFile, queryText } from "../serving/queryFile.ts";
import { attach, type CommonOptions, type Reply, report, type Shell, wholeNumber } from "./shell.ts";
import { bytesText, grouped, textTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

type Options = { format: "table" | FileFormat; output?: string; timeout: string };

/** Limit of a table on the terminal. */
const MOST_ROWS = 1_000;

export function registerQuery(program: Command, shell: Shell): void {
  const command = program
    .command("query <sql>")
    .description("one SELECT over the published tables, each a view named as its folder; read-only")
    .addOption(
      new Option("--format <form>", "format of the result")
        .choices(["table", ...FILE_FORMATS])
        .default("table"),
    )
    .option("--output <file>", "file for the result: csv, json or parquet")
    .option("--timeout <seconds>", "upper limit of the engine's time", "60");
  const example = 'candlebook query "SELECT symbol, max(high) FROM daily_filled GROUP BY symbol"';
  attach<Options & { json?: boolean }>(
    shell,
    command,
    example,
    async (workspace, options, effects, [sql]) => {
      const { format, output, json } = options;
      const timeoutSeconds = wholeNumber("--timeout", options.timeout, 1, 86_400);
      const limited = { ...effects, timeoutSeconds, unresponsive: endProcess(shell.terminal, options) };
      if (output !== undefined) {
        if (format === "table") throw wrongForm("The format table is for the terminal, not for a file.");
        const { rows, bytes } = await queryFile(workspace, { sql, format }, output, limited);
        const text = `${output}: ${grouped(rows)} rows, ${bytesText(bytes)}`;
        return { json: { output, format, rows, bytes }, text };
      }
      if (format === "parquet") throw wrongForm("Parquet is written to a file, not to the terminal.");
      if (format === "table" && !json) return shortTable(workspace, sql, limited);
      const text = { sql, format: json || format === "table" ? "object" : format } as const;
      await queryText(workspace, text, shell.terminal.out, limited);
      // The text is written already.
      return { text: "" };
    },
  );
}

function wrongForm(message: string): Error {
  return inputError("bad_option", message, "Use --format csv, json or parquet with --output FILE.");
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
  const more = `\n… and more. All of it: --format csv --output FILE`;
  return { json: {}, text: rows.length > MOST_ROWS ? `${table}${more}` : table };
}

/** The last resort: native code that obeys no interrupt also holds up an ordinary exit. */
function endProcess(terminal: Terminal, options: CommonOptions): (error: CandlebookError) => void {
  return (error) => {
    report(terminal, error, options);
    process.kill(process.pid, "SIGKILL");
  };
}
