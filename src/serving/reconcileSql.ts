import { MINUTES_PER_DAY } from "../time/epoch.ts";
import type { Layer } from "./layers.ts";

/** What is compared, in the order in which the table lists it. */
export const COMPARED_FIELDS = ["open", "high", "low", "close", "volume", "minutes"] as const;

const COLUMNS =
  "symbol, day, field, layer_a, value_a, layer_b, value_b, value_b - value_a AS difference, " +
  "(value_b - value_a) / nullif(abs(value_a), 0) AS relative";

/**
 * The days that two layers know, a row for each pair of layers and field that both know.
 * @param layers in the order of `LAYERS`
 * @param late the late events as a table expression (FROM clause), or null where there are none
 */
export function reconcileSql(layers: readonly Layer[], late: string | null): string {
  const pairs = layers.flatMap((a, i) => layers.slice(i + 1).map((b) => pairSql(a, b)));
  const rows = pairs.length > 0 ? pairs.join(" UNION ALL ") : NO_PAIR;
  const lateDays =
    late === null
      ? "SELECT NULL::VARCHAR AS symbol, NULL::DATE AS day WHERE false"
      : `SELECT DISTINCT symbol, CAST(window_day AS DATE) AS day FROM ${late}`;
  return `
    WITH pairs AS (${rows}), late AS (${lateDays}), compared AS (
      SELECT pairs.* EXCLUDE (item), item.*, late.day IS NOT NULL AS is_late
      FROM pairs LEFT JOIN late USING (symbol, day)
    )
    SELECT ${COLUMNS}, CASE
        WHEN abs(value_b - value_a) <= 1e-9 * greatest(abs(value_a), abs(value_b)) THEN NULL
        WHEN NOT closed THEN 'open_day'
        WHEN is_late AND 'speed' IN (layer_a, layer_b) THEN 'late_events'
        WHEN minutes_a <> minutes_b OR coalesce(minutes_a, minutes_b) < ${MINUTES_PER_DAY} THEN 'minutes_missing'
        WHEN other_source OR minutes_a IS NULL OR minutes_b IS NULL THEN 'other_source'
        ELSE 'unexplained'
      END AS cause
    FROM compared WHERE value_a IS NOT NULL AND value_b IS NOT NULL
    ORDER BY symbol, day, layer_a, layer_b, rank`;
}

function pairSql(a: Layer, b: Layer): string {
  const items = COMPARED_FIELDS.map(
    (field, rank) =>
      `{'rank': ${rank}, 'field': '${field}', 'value_a': a.${field}::DOUBLE, 'value_b': b.${field}::DOUBLE}`,
  );
  return `SELECT a.symbol, a.day, '${a.layer}' AS layer_a, '${b.layer}' AS layer_b,
      a.minutes AS minutes_a, b.minutes AS minutes_b, a.complete AND b.complete AS closed,
      ${a.version.manifest.source !== b.version.manifest.source} AS other_source,
      unnest([${items.join(", ")}]) AS item
    FROM ${a.sql} a JOIN ${b.sql} b ON a.symbol = b.symbol AND a.day = b.day`;
}

const NO_PAIR = `SELECT NULL::VARCHAR AS symbol, NULL::DATE AS day, NULL::VARCHAR AS layer_a, NULL::VARCHAR AS layer_b,
  NULL::INTEGER AS minutes_a, NULL::INTEGER AS minutes_b, NULL::BOOLEAN AS closed, NULL::BOOLEAN AS other_source,
  {'rank': 0, 'field': '', 'value_a': 0::DOUBLE, 'value_b': 0::DOUBLE} AS item WHERE false`;
