import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import type { QueryLimits } from "../lake/engineGuard.ts";
import { versionsAt } from "../lake/history/versions.ts";
import { filesOf, readTable } from "../lake/read.ts";
import { type Answer, type Lake, type QueryAccess, withLake } from "../lake/session.ts";
import { storageError } from "../lake/storageError.ts";

/** A table that a question may name. */
export interface View {
  name: string;
  /** Its rows as a table expression (FROM clause), and the files that this reads, absolute. */
  sql: string;
  files: readonly string[];
}

/** `timeoutSeconds`: default 60. */
export interface QueryOptions extends Effects, Partial<QueryLimits> {
  /** The tables as they were published at this instant, or with this version; @see versionsAt */
  at?: string;
  /** The tables; default: all that are published. */
  views?: readonly View[];
}

/** Upper limit of an answer that is kept in memory. */
const MOST_ROWS = 1_000_000;

/**
 * Answers a question in SQL over the published tables, each a view named as its folder. Read-only: nothing can
 * be written, no other file read, no network reached.
 * @param sql one SELECT
 * @throws CandlebookError `bad_query` with the engine's words; `not_a_question` for anything but one SELECT;
 *   `query_timeout`; `out_of_memory`; `too_many_rows` above a million; with `at` those of `versionsAt`
 */
export async function query(workspace: Workspace, sql: string, options: QueryOptions = {}): Promise<Answer> {
  const answer: Answer = { columns: [], rows: [] };
  await queryPieces(workspace, sql, options, ({ columns, rows }) => {
    answer.columns = columns;
    for (const row of rows) answer.rows.push(row);
    return answer.rows.length <= MOST_ROWS;
  });
  if (answer.rows.length <= MOST_ROWS) return answer;
  throw inputError(
    "too_many_rows",
    "The answer has more than 1,000,000 rows.",
    "Write it to a file: candlebook query … --format csv --output FILE.",
  );
}

/**
 * The same, piece by piece, for answers of any size.
 * @param take returns false to stop; the columns are first, with an empty piece
 */
export async function queryPieces(
  workspace: Workspace,
  sql: string,
  options: QueryOptions,
  take: (piece: Answer) => boolean,
): Promise<void> {
  await withViews(workspace, options, (lake, access) => lake.queryEach(sql, access, take));
}

/**
 * Opens an engine that has the published tables as views, for one question.
 * @param ask gets what a query may use
 * @throws CandlebookError as `query`
 */
export async function withViews<Result>(
  workspace: Workspace,
  options: QueryOptions,
  ask: (lake: Lake, access: QueryAccess) => Promise<Result>,
): Promise<Result> {
  const { at } = options;
  const { views, folders } = await viewsOf(workspace, options);
  return withLake(workspace, options, async (lake) => {
    for (const view of views) await lake.run(`CREATE VIEW "${view.name}" AS SELECT * FROM ${view.sql}`);
    try {
      return await ask(lake, {
        tables: views.map((view) => view.name),
        folders,
        files: views.flatMap((view) => view.files),
        limits: { timeoutSeconds: 60, ...options },
      });
    } catch (error) {
      throw queryError(error, workspace, {
        what: at === undefined ? "Published tables" : `Tables with a version of ${at}`,
        names: views.map((view) => view.name),
      });
    }
  });
}

/** The tables that a question is about, and the published folders without rows, which a query of now may name. */
async function viewsOf(
  workspace: Workspace,
  { at, views: given }: QueryOptions,
): Promise<{ views: readonly View[]; folders: readonly string[] }> {
  if (given !== undefined) return { views: given, folders: [] };
  if (at !== undefined) return { views: await viewsAt(workspace, at), folders: [] };
  const [views, folders]: [View[], string[]] = [[], []];
  for (const name of await publishedTables(workspace)) {
    const table = await readTable(workspace, name);
    if (table === null) continue;
    const files = filesOf(table);
    if (files.length > 0) views.push({ name, sql: table.sql, files });
    else folders.push(name);
  }
  return { views, folders };
}

async function viewsAt(workspace: Workspace, at: string): Promise<View[]> {
  return (await versionsAt(workspace, at)).map(({ table, sql, files }) => ({ name: table, sql, files }));
}

/** What the engine refused, with its own hint: `Candidate bindings: "close"`, `Did you mean "cos"?`. */
function queryError(
  error: unknown,
  { root }: Workspace,
  { what, names }: { what: string; names: readonly string[] },
): unknown {
  const known = storageError(error, "the answer");
  if (known instanceof CandlebookError || isSystemError(known)) return known;
  const [words, hint = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  const published = `${what}: ${names.join(", ") || "none yet (candlebook run)"}.`;
  const next = /^(Candidate|Did you)/.test(hint) ? hint : published;
  return inputError("bad_query", words.replaceAll(root, "<workspace>"), next, error);
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).syscall === "string";
}
