import { DAY_MS } from "../time/epoch.ts";
// Before the engine is loaded.
import "./allocator.ts";
import { type DuckDBAppender, DuckDBDateValue, DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import type { Effects } from "../core/effects.ts";
import { failure, interrupted, throwIfAborted } from "../core/errors.ts";
import { makeFolder } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { type Answer, type QueryAccess, queryEach, queryInto } from "./sealedQuery.ts";

export { literal, parquetSql } from "./literal.ts";
export type { Answer, QueryAccess } from "./sealedQuery.ts";

/** Values of a statement's `$name` parameters. */
export type Parameters = Record<string, string | number | bigint | boolean | null>;

/** One engine with one connection, in UTC, bounded in memory and threads. */
export interface Lake {
  run(sql: string, parameters?: Parameters): Promise<void>;
  /** All rows as objects; cast types that JavaScript lacks (days, big numbers) in the statement. */
  rows<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
  /**
   * Appends rows to a table: cells in the order of its columns, `types` are the types of those columns, days are
   * text.
   */
  append(table: string, types: readonly string[], rows: readonly unknown[][]): Promise<void>;
  /**
   * Runs an untrusted query, piece by piece, for results of any size: one SELECT over the tables of `access`, with no
   * other file, no network, no extension, no setting. The engine stays locked afterwards.
   * @param take returns false to stop; the columns are first, with an empty piece
   * @throws CandlebookError `not_a_question`, `bad_query`, `query_timeout`, `out_of_memory`
   */
  queryEach(sql: string, access: QueryAccess, take: (piece: Answer) => boolean): Promise<void>;
  /** The same, into a Parquet file. @returns the number of rows */
  queryInto(sql: string, access: QueryAccess, path: string): Promise<number>;
  /** Another connection of the same engine, for parallel work; close it before this one. */
  fork(): Promise<Lake>;
  close(): void;
}

/** Opens an engine in memory, passes it to `use` and always closes it. An abort interrupts the running statement. */
export async function withLake<Result>(
  workspace: Workspace,
  effects: Effects,
  use: (lake: Lake) => Promise<Result>,
): Promise<Result> {
  const lake = await openLake(workspace, effects);
  try {
    return await use(lake);
  } finally {
    lake.close();
  }
}

/** All rows of one statement, in an engine of its own. @see Lake.rows */
export function readRows<Row>(
  workspace: Workspace,
  effects: Effects,
  sql: string,
  parameters?: Parameters,
): Promise<Row[]> {
  return withLake(workspace, effects, (lake) => lake.rows<Row>(sql, parameters));
}

/** @see withLake */
export async function openLake(workspace: Workspace, { signal }: Effects = {}): Promise<Lake> {
  throwIfAborted(signal);
  const spill = inWorkspace(workspace, "data", ".spill");
  makeFolder(spill);
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(workspace.resources.threads),
    memory_limit: workspace.resources.memory,
    temp_directory: spill,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // It caches file content until the limit is reached: memory would grow with the history.
    enable_external_file_cache: "false",
  });
  return connectLake(instance, signal, () => instance.closeSync());
}

async function connectLake(
  instance: DuckDBInstance,
  signal: AbortSignal | undefined,
  afterClose: () => void,
): Promise<Lake> {
  const connection = await instance.connect();
  // An interrupt between two statements is lost, so it is repeated.
  let interrupts: NodeJS.Timeout | undefined;
  const interrupt = () => {
    connection.interrupt();
    interrupts ??= setInterval(() => connection.interrupt(), 100);
  };
  signal?.addEventListener("abort", interrupt);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    throwIfAborted(signal);
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted ? interrupted() : memoryError(error);
    }
  };
  await connection.run("SET TimeZone = 'UTC'");
  return {
    run: (sql, parameters) =>
      guarded(async () => {
        await connection.run(sql, parameters as Record<string, DuckDBValue> | undefined);
      }),
    rows: <Row>(sql: string, parameters?: Parameters) =>
      guarded(async () => {
        const reader = await connection.runAndReadAll(
          sql,
          parameters as Record<string, DuckDBValue> | undefined,
        );
        return reader.getRowObjectsJS() as Row[];
      }),
    append: (table, types, rows) =>
      guarded(async () => {
        const appender = await connection.createAppender(table);
        for (const row of rows) {
          row.forEach((cell, column) => {
            appendCell(appender, types[column], cell);
          });
          appender.endRow();
        }
        appender.closeSync();
      }),
    queryEach: (sql, access, take) => guarded(() => queryEach(connection, sql, access, take)),
    queryInto: (sql, access, path) => guarded(() => queryInto(connection, sql, access, path)),
    fork: () => connectLake(instance, signal, () => {}),
    close: () => {
      signal?.removeEventListener("abort", interrupt);
      clearInterval(interrupts);
      connection.closeSync();
      afterClose();
    },
  };
}

/** The engine's out-of-memory error as a CandlebookError; any other error unchanged. */
function memoryError(error: unknown): unknown {
  if (!/^Out of Memory Error/.test((error as Error).message)) return error;
  return failure(
    "out_of_memory",
    "The engine needs more memory than its limit.",
    "Raise the limit (--memory 1GB), or use fewer threads (--threads 1), then run again.",
    error,
  );
}

function appendCell(appender: DuckDBAppender, type: string, cell: unknown): void {
  if (cell === null) appender.appendNull();
  else if (type === "VARCHAR") appender.appendVarchar(cell as string);
  else if (type === "DOUBLE") appender.appendDouble(cell as number);
  else if (type === "INTEGER") appender.appendInteger(cell as number);
  else if (type === "BIGINT") appender.appendBigInt(BigInt(cell as number));
  else if (type === "BOOLEAN") appender.appendBoolean(cell as boolean);
  else appender.appendDate(new DuckDBDateValue(Date.parse(`${cell as string}T00:00:00Z`) / DAY_MS));
}
