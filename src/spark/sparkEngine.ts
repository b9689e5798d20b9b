import { randomUUID } from "node:crypto";
import type { Engine } from "../lake/engine.ts";
import { stagingFolder, takeParts } from "./partFiles.ts";
import { sparkDialect, sparkSettings, sparkText } from "./sparkDialect.ts";
import type { SparkSession } from "./sparkSession.ts";

/** Applies the settings with which Spark returns the same results as the embedded engine. */
export async function settleSession(session: SparkSession): Promise<void> {
  for (const [name, value] of Object.entries(sparkSettings)) await session.run(`SET ${name} = ${value}`);
}

/** Names Parquet files as one relation. @returns its name */
export async function viewOf(session: SparkSession, files: readonly string[]): Promise<string> {
  const name = `files_${randomUUID().replaceAll("-", "")}`;
  await session.view(name, { read: { data_source: { format: "parquet", paths: [...files] } } });
  return name;
}

/**
 * A session with these settings as the engine of the daily tables and of the merge. The server must see the workspace
 * under the same path.
 */
export function sparkEngine(session: SparkSession): Engine {
  return {
    name: "spark",
    use: async (workspace, _effects, work) => {
      const kept: string[] = [];
      try {
        return await work({
          dialect: sparkDialect,
          from: (files) => viewOf(session, files),
          rows: (sql) => session.rows(sql),
          gather: async (name, files, statement) => {
            const sql = statement(await viewOf(session, files));
            await session.view(name, sql);
            await session.run(`CACHE TABLE ${name}`);
            kept.push(name);
          },
          write: async (sql, folder) => {
            const staging = await stagingFolder(workspace);
            await session.write(sql, { path: staging, format: "parquet", compression: "snappy" });
            await takeParts(staging, folder);
          },
        });
      } finally {
        for (const name of kept) await session.run(`UNCACHE TABLE IF EXISTS ${name}`).catch(() => {});
      }
    },
  };
}

/** A folder of files as a table expression (FROM clause). */
export function folderSql(path: string, format: "parquet" | "text" = "parquet"): string {
  return `${format}.\`${path.replaceAll("`", "``")}\``;
}

/** A list of texts for IN (…). */
export function textList(values: readonly string[]): string {
  return `(${values.map(sparkText).join(", ")})`;
}
