import { literal } from "../literal.ts";

/** A version's columns with the engine's types, in their order. */
export type VersionColumns = Readonly<Record<string, string>>;

const quoted = (name: string) => `"${name}"`;
const listOf = (names: readonly string[]) => names.map(quoted).join(", ");

/** The columns that are not of the key. */
export const valueColumns = (columns: VersionColumns, key: readonly string[]): string[] =>
  Object.keys(columns).filter((name) => !key.includes(name));

/** The rows of two versions beside each other: `a` and `b` are structs, null where a version lacks the key. */
export function besideSql(a: string, b: string, key: readonly string[]): string {
  const side = (name: string, rows: string) =>
    `(SELECT ${listOf(key)}, rows AS ${name} FROM ${rows} AS rows)`;
  return `(SELECT * FROM ${side("a", a)} FULL JOIN ${side("b", b)} USING (${listOf(key)}))`;
}

/** Whether a row or one of its values differs between the two sides of `besideSql`. */
export const differs = (names: readonly string[]): string =>
  ["a IS NULL OR b IS NULL", ...names.map(valueDiffers)].join(" OR ");

const valueDiffers = (name: string) => `a.${quoted(name)} IS DISTINCT FROM b.${quoted(name)}`;

/**
 * What has to be known to get version `a` from version `b`: for each row that differs its key, `_changed` with a bit
 * for each value column that has another value (null: `a` lacks the row), and those values; other values are null.
 */
export function stepBackSql(
  { a, b }: { a: string; b: string },
  key: readonly string[],
  columns: VersionColumns,
): string {
  const names = valueColumns(columns, key);
  const bits = names.map(
    (name, i) => `CASE WHEN b IS NULL OR ${valueDiffers(name)} THEN ${2 ** i} ELSE 0 END`,
  );
  const values = names.map(
    (name) => `CASE WHEN b IS NULL OR ${valueDiffers(name)} THEN a.${quoted(name)} END AS ${quoted(name)}`,
  );
  return `SELECT ${listOf(key)}, CASE WHEN a IS NOT NULL THEN (${bits.join(" + ")})::BIGINT END AS _changed,
      b IS NULL AS _lacking, ${values.join(", ")}
    FROM ${besideSql(a, b, key)} WHERE ${differs(names)} ORDER BY ${listOf(key)}`;
}

/** The steps back to a version: those with `from` ≤ `_step` < `to`, in a file of `stepBackSql`'s rows. */
export interface Steps {
  file: string;
  from: number;
  to: number;
}

/**
 * An earlier version as a table expression (FROM clause), sorted by its key. Of the steps that name a row or a value
 * the earliest decides: it is the one next to the version.
 * @param base a table expression: the version that the last step starts from
 */
export function earlierSql(
  base: string,
  { file, from, to }: Steps,
  key: readonly string[],
  columns: VersionColumns,
): string {
  const names = valueColumns(columns, key);
  const values = names.map(
    (name, i) => `arg_min({v: ${quoted(name)}}, _step) FILTER (_changed & ${2 ** i} <> 0) AS ${quoted(name)}`,
  );
  const cells = Object.entries(columns).map(([name, type]) =>
    key.includes(name)
      ? quoted(name)
      : `CASE WHEN changes.${quoted(name)} IS NULL THEN base.${quoted(name)}
          ELSE changes.${quoted(name)}.v::${type} END AS ${quoted(name)}`,
  );
  return `(WITH changes AS (
      SELECT ${listOf(key)}, arg_min(_changed IS NOT NULL, _step) AS _there, ${values.join(", ")}
      FROM read_parquet(${literal(file)}) WHERE _version IS NULL AND _step >= ${from} AND _step < ${to} GROUP BY ALL
    )
    SELECT ${cells.join(", ")} FROM ${base} AS base FULL JOIN changes USING (${listOf(key)})
    WHERE coalesce(_there, true) ORDER BY ${listOf(key)})`;
}
