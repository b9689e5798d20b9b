import { closeSync, openSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { inputError } from "../core/errors.ts";
import { writeOutput } from "../core/output.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Answer } from "../lake/session.ts";
import { storageError } from "../lake/storageError.ts";
import { csvLine, csvLines } from "../lake/write.ts";
import { type QueryOptions, queryPieces, withViews } from "./query.ts";
import { querySheet } from "./querySheet.ts";

/** The forms that an answer of any size can take. */
export const FILE_FORMATS = ["csv", "json", "parquet", "xlsx"] as const;

export type FileFormat = (typeof FILE_FORMATS)[number];

/** Texts that an answer of any size can take: `object` has the columns, then the rows. */
export type TextFormat = "csv" | "json" | "object";

/**
 * Answers a question as text, piece by piece: CSV with a header, a JSON array of rows, or one object. Nothing is
 * written before the engine has its first rows.
 * @param write gets each piece
 * @throws CandlebookError as `query`
 */
export async function queryText(
  workspace: Workspace,
  { sql, format }: { sql: string; format: TextFormat },
  write: (text: string) => void,
  options: QueryOptions = {},
): Promise<{ rows: number }> {
  let rows = 0;
  let columns: string[] = [];
  const { start, join, end } = TEXTS[format];
  await queryPieces(workspace, sql, options, (answer) => {
    columns = answer.columns;
    if (answer.rows.length === 0) return true;
    write((rows === 0 ? start(columns) : join) + TEXTS[format].rows(answer));
    rows += answer.rows.length;
    return true;
  });
  write((rows === 0 ? start(columns) : "") + end);
  return { rows };
}

const jsonRows = ({ rows }: Answer) => `\n${rows.map((row) => JSON.stringify(row)).join(",\n")}`;

const TEXTS = {
  csv: {
    start: csvLine,
    rows: ({ columns, rows }: Answer) => csvLines(columns, rows),
    join: "",
    end: "",
  },
  json: { start: () => "[", rows: jsonRows, join: ",", end: "]\n" },
  object: {
    start: (columns: string[]) => `{"columns":${JSON.stringify(columns)},"rows":[`,
    rows: jsonRows,
    join: ",",
    end: "]}\n",
  },
};

/**
 * Answers a question into a file, whole or not at all.
 * @param path a new name, or a plain file that is replaced; nothing among the workspace's own folders
 * @throws CandlebookError as `query`; `bad_output` (exit 2), `disk_full`, `not_writable` (exit 1)
 */
export async function queryFile(
  workspace: Workspace,
  { sql, format }: { sql: string; format: FileFormat },
  path: string,
  options: QueryOptions = {},
): Promise<{ rows: number; bytes: number }> {
  if (!FILE_FORMATS.includes(format)) {
    throw inputError(
      "bad_option",
      `There is no format ${String(format).slice(0, 40)}.`,
      `Formats: ${FILE_FORMATS.join(", ")}.`,
    );
  }
  return writeOutput(workspace, path, async (draft) => {
    const rows = await fillFile(workspace, { sql, format }, draft, options);
    return { rows, bytes: (await stat(draft)).size };
  }).catch((error) => {
    throw storageError(error, "the answer");
  });
}

async function fillFile(
  workspace: Workspace,
  { sql, format }: { sql: string; format: FileFormat },
  path: string,
  options: QueryOptions,
): Promise<number> {
  if (format === "xlsx") return querySheet(workspace, sql, path, options);
  if (format !== "parquet") {
    return intoFile(path, (write) => queryText(workspace, { sql, format }, write, options));
  }
  return withViews(workspace, options, (lake, access) => lake.queryInto(sql, access, path));
}

/** A file that text is appended to; synchronously, so that nothing accumulates in memory. */
async function intoFile(
  path: string,
  fill: (write: (text: string) => void) => Promise<{ rows: number }>,
): Promise<number> {
  const file = openSync(path, "wx");
  try {
    return (await fill((text) => void writeSync(file, text))).rows;
  } finally {
    closeSync(file);
  }
}
