import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { runLimited } from "../core/limited.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Dialect, duckdbDialect } from "./dialect.ts";
import { withLakePool } from "./pool.ts";
import { literal, parquetSql } from "./session.ts";
import { DAILY_FORMAT } from "./write.ts";

/** The operations that a stage uses of its engine. */
export interface EngineSession {
  dialect: Dialect;
  /** Parquet files, named one by one, as a table expression (FROM clause). */
  from(files: readonly string[]): Promise<string>;
  rows<Row>(sql: string): Promise<Row[]>;
  /**
   * Stores the result of a statement over many files under a name.
   * @param statement from a table expression (FROM clause); the embedded engine runs it file by file, so that memory
   *   does not grow: it must return the same rows for all files at once and for each alone. Their order is not kept
   * @param gathered called with the index of each finished file, by an engine that works file by file
   */
  gather(
    name: string,
    files: readonly string[],
    statement: (rows: string) => string,
    gathered?: (file: number) => void,
  ): Promise<void>;
  /** Writes a daily table's rows in their order into a folder, as Parquet that every reader opens. */
  write(sql: string, folder: string): Promise<void>;
}

/** An engine that the stages can run on. */
export interface Engine {
  name: "duckdb" | "spark";
  use<Result>(
    workspace: Workspace,
    effects: Effects,
    work: (session: EngineSession) => Promise<Result>,
  ): Promise<Result>;
}

/** DuckDB in this process. */
export const embedded: Engine = {
  name: "duckdb",
  use: (workspace, effects, work) =>
    withLakePool(workspace, effects, (pool) => {
      const run = (sql: string) => pool.use((lake) => lake.run(sql));
      return work({
        dialect: duckdbDialect,
        from: async (files) => parquetSql(files),
        rows: (sql) => pool.use((lake) => lake.rows(sql)),
        gather: async (name, files, statement, gathered) => {
          await run(`CREATE TABLE ${name} AS ${statement(parquetSql([files[0]]))} WITH NO DATA`);
          await runLimited(files.entries(), pool.size, async ([i, file]) => {
            await run(`INSERT INTO ${name} ${statement(parquetSql([file]))}`);
            gathered?.(i);
          });
        },
        write: async (sql, folder) => {
          await mkdir(folder, { recursive: true });
          await run(`COPY (${sql}) TO ${literal(join(folder, "part-0.parquet"))} (${DAILY_FORMAT})`);
        },
      });
    }),
};
