import { mkdir } from "node:fs/promises";
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import type { Effects } from "../core/effects.ts";
import { interrupted, throwIfAborted } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";

/** Values that a statement takes as `$name`. */
export type Parameters = Record<string, string | number | bigint | boolean | null>;

/** One engine with one connection, in UTC, bounded in memory and threads. */
export interface Lake {
  run(sql: string, parameters?: Parameters): Promise<void>;
  /** All rows as objects; cast what has no JavaScript type (days, big numbers) in the statement. */
  rows<Row>(sql: string, parameters?: Parameters): Promise<Row[]>;
  close(): void;
}

/** Opens an engine in memory, uses it and closes it, whatever happens. An abort interrupts what is running. */
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

/** @see withLake */
export async function openLake(workspace: Workspace, { signal }: Effects = {}): Promise<Lake> {
  throwIfAborted(signal);
  const spill = inWorkspace(workspace, "data", ".spill");
  await mkdir(spill, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", {
    threads: String(workspace.resources.threads),
    memory_limit: workspace.resources.memory,
    temp_directory: spill,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal?.addEventListener("abort", interrupt);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    throwIfAborted(signal);
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted ? interrupted() : error;
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
    close: () => {
      signal?.removeEventListener("abort", interrupt);
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Text as an SQL literal, for the places where a statement takes no parameter (`COPY … TO`, options). */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
