import { closeSync, openSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { writeOutput } from "../core/output.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Answer } from "../lake/session.ts";
import { storageError } from "../lake/storageError.ts";
import { csvLine, csvLines } from "../lake/write.ts";
import { withViews } from "./query.ts";

/** The forms that an answer of any size can take. */
export const FILE_FORMATS = ["csv", "json", "parquet"] as const;

export type FileFormat = (typeof FILE_FORMATS)[number];

/**
 * Answers a question as text, piece by piece: CSV with a header, or a JSON array of rows.
 * @param write gets each piece
 * @throws CandlebookError as `query`
 */
export async function queryText(
  workspace: Workspace,
  { sql, format }: { sql: string; format: "csv" | "json" },
  write: (text: string) => void,
  effects: Effects = {},
): Promise<{ rows: number }> {
  let rows = 0;
  const piece = format === "csv" ? csvPiece : jsonPiece;
  await withViews(workspace, effects, (lake, files) =>
    lake.queryEach(sql, files, (answer) => {
      write(piece(answer, rows));
      rows += answer.rows.length;
      return true;
    }),
  );
  if (format === "json") write(rows === 0 ? "[]\n" : "\n]\n");
  return { rows };
}

function csvPiece({ columns, rows }: Answer): string {
  return rows.length === 0 ? csvLine(columns) : csvLines(columns, rows);
}

function jsonPiece({ rows }: Answer, before: number): string {
  if (rows.length === 0) return "";
  return `${before === 0 ? "[\n" : ",\n"}${rows.map((row) => JSON.stringify(row)).join(",\n")}`;
}

/**
 * Answers a question into a file, whole or not at all.
 * @param path a new name, or a plain file that is replaced; nothing among the workspace's own folders
 * @throws CandlebookError as `query`; `bad_output` (exit 2), `disk_full`, `not_writable` (exit 1)
 */
export async function queryFile(
  workspace: Workspace,
  { sql, format }: { sql: string; format: FileFormat },
  path: string,
  effects: Effects = {},
): Promise<{ rows: number; bytes: number }> {
  if (!FILE_FORMATS.includes(format)) {
    throw inputError(
      "bad_option",
      `There is no format ${String(format).slice(0, 40)}.`,
      `Formats: ${FILE_FORMATS.join(", ")}.`,
    );
  }
  return writeOutput(workspace, path, async (draft) => {
    const rows =
      format === "parquet"
        ? await withViews(workspace, effects, (lake, files) => lake.queryInto(sql, files, draft))
        : await intoFile(draft, (write) => queryText(workspace, { sql, format }, write, effects));
    return { rows, bytes: (await stat(draft)).size };
  }).catch((error) => {
    throw storageError(error, "the answer");
  });
}

/** A file that is written as text comes; synchronously, so that nothing piles up in memory. */
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
