import type { Workspace } from "../core/workspace.ts";
import { besideSql, valueColumns } from "../lake/history/difference.ts";
import { keyOf } from "../lake/history/keptTables.ts";
import { columnsOf } from "../lake/history/record.ts";
import { type KnownVersion, versionAt } from "../lake/history/versions.ts";
import { withLake } from "../lake/session.ts";
import type { View } from "./query.ts";

/** Two versions of a table, and the question whose answer is their difference. */
export interface TableDiff {
  before: KnownVersion;
  after: KnownVersion;
  /** The columns that identify a row. */
  key: readonly string[];
  /**
   * One SELECT over `views`, sorted by the key: `change` (`added`, `removed`, `changed`), the key, and of a changed row
   * for each value that differs `field`, `before` and `after`; they are null for other rows.
   */
  sql: string;
  views: readonly View[];
  /** Columns that only one of the versions has: they are not compared. */
  otherColumns: readonly string[];
}

/**
 * The difference between two versions of a table.
 * @param range instants or versions; @see versionAt
 * @throws CandlebookError as `versionAt`
 */
export async function tableDiff(
  workspace: Workspace,
  table: string,
  range: readonly [before: string, after: string],
): Promise<TableDiff> {
  const [before, after] = await Promise.all(range.map((at) => versionAt(workspace, table, at)));
  const key = keyOf(table) ?? [];
  const [old, fresh] = await withLake(workspace, {}, async (lake) => [
    (await columnsOf(lake, before.sql)) ?? {},
    (await columnsOf(lake, after.sql)) ?? {},
  ]);
  const all = valueColumns({ ...old, ...fresh }, key);
  const shared = all.filter((name) => name in old && name in fresh);
  return {
    before,
    after,
    key,
    sql: diffSql(key, shared),
    views: [
      { name: "before_version", sql: before.sql, files: before.files },
      { name: "after_version", sql: after.sql, files: after.files },
    ],
    otherColumns: all.filter((name) => !shared.includes(name)),
  };
}

function diffSql(key: readonly string[], names: readonly string[]): string {
  const keys = key.map((name) => `"${name}"`).join(", ");
  const rows = (change: string, where: string, [field, before, after] = ["NULL", "NULL", "NULL"]) =>
    `SELECT '${change}' AS change, ${keys}, ${field}::VARCHAR AS field, ${before}::VARCHAR AS before,
       ${after}::VARCHAR AS after FROM beside WHERE ${where}`;
  const parts = [
    rows("added", "a IS NULL"),
    rows("removed", "b IS NULL"),
    ...names.map((name) => {
      const [before, after] = [`a."${name}"`, `b."${name}"`];
      const differs = `a IS NOT NULL AND b IS NOT NULL AND ${before} IS DISTINCT FROM ${after}`;
      return rows("changed", differs, [`'${name}'`, before, after]);
    }),
  ];
  return `WITH beside AS ${besideSql("before_version", "after_version", key)}
    ${parts.join(" UNION ALL ")} ORDER BY ${keys}, field`;
}
