import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readTable } from "../lake/read.ts";
import { type Answer, type Lake, withLake } from "../lake/session.ts";
import { storageError } from "../lake/storageError.ts";

/**
 * Answers a question in SQL over the published tables, each a view named as its folder. Read-only: nothing can
 * be written, no other file read, no network reached.
 * @param sql one SELECT
 * @throws CandlebookError `bad_query` with the engine's words; `not_a_question` for anything but one SELECT
 */
export async function query(workspace: Workspace, sql: string, effects: Effects = {}): Promise<Answer> {
  return withViews(workspace, effects, (lake, files) => lake.query(sql, files));
}

/**
 * Opens an engine that has the published tables as views, for one question.
 * @param ask gets the files that the views read
 * @throws CandlebookError as `query`
 */
export async function withViews<Result>(
  workspace: Workspace,
  effects: Effects,
  ask: (lake: Lake, files: string[]) => Promise<Result>,
): Promise<Result> {
  const views: { name: string; sql: string; files: string[] }[] = [];
  for (const name of await publishedTables(workspace)) {
    const table = await readTable(workspace, name);
    const parts = table?.manifest.parts.filter((part) => part.path.endsWith(".parquet")) ?? [];
    if (table === null || parts.length === 0) continue;
    views.push({ name, sql: table.sql, files: parts.map((part) => join(table.folder, part.path)) });
  }
  return withLake(workspace, effects, async (lake) => {
    for (const view of views) await lake.run(`CREATE VIEW "${view.name}" AS SELECT * FROM ${view.sql}`);
    try {
      return await ask(
        lake,
        views.flatMap((view) => view.files),
      );
    } catch (error) {
      const told = storageError(error, "the answer");
      if (told instanceof CandlebookError || isSystemError(told)) throw told;
      const words = error instanceof Error ? error.message.split("\n")[0] : String(error);
      throw inputError(
        "bad_query",
        words.replaceAll(workspace.root, "<workspace>"),
        `Published tables: ${views.map((view) => view.name).join(", ") || "none yet (candlebook run)"}.`,
        error,
      );
    }
  });
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === "string";
}
