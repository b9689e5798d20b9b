import { AMOUNTS } from "../candle/candle.ts";
import { VOLUME_UNIT } from "../candle/foldDay.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import type { Dialect } from "../lake/dialect.ts";
import { literal } from "../lake/literal.ts";
import { divides, INTERVALS, type Interval } from "../time/interval.ts";
import type { CutCandles } from "./cutCandles.ts";
import { floorSql, nextSql } from "./intervalSql.ts";

/** Columns that are summed as whole numbers of 1e-8. A sum is null where a part of it is. */
const SUMS = ["volume", ...Object.values(AMOUNTS)] as const;
/** Columns of whole numbers that are summed. */
const COUNTS = ["trades"] as const;
const ORIGINS = ["batch", "backfill", "speed"] as const;
const LIVE = ORIGINS.indexOf("speed");

/**
 * The series of a symbol from which an interval is folded, finest first: each divides the next one, and the interval.
 * Of two that do not, such as 4h and 6h, the finer is used; of a stored and a live one, the stored.
 * @param live intervals of the stream's windows
 */
export function chainOf(
  available: readonly Interval[],
  target: Interval,
  live: readonly Interval[] = [],
): Interval[] {
  const chain: Interval[] = [];
  for (const there of [available, live]) {
    for (const interval of INTERVALS.filter((one) => there.includes(one) && divides(one, target))) {
      const fits = chain.every((one) => divides(one, interval) || divides(interval, one));
      if (fits && !chain.includes(interval)) chain.push(interval);
    }
  }
  return INTERVALS.filter((interval) => chain.includes(interval));
}

/** The bit of an interval in `sources`. */
export const bitOf = (interval: Interval) => 1 << INTERVALS.indexOf(interval);

/** What a candle is made of, expressions: the time that it has parts of, the length of a part, the bits of `sources`. */
export interface Made {
  covered: string;
  finest: string;
  sources: string;
}

interface PartsOptions {
  /** Columns of sums that nobody needs: they are null, and not read. */
  unused?: readonly (typeof SUMS)[number][];
  /** Default: each candle is whole, and one part. */
  made?: Made;
}

/**
 * Candles of one series as parts of a fold: `ms` is the open time, `covered` and `finest` are milliseconds, `sources` a
 * bit for each interval, `origin` a place in `ORIGINS`.
 * @param rows a table expression (FROM clause) of candles
 */
export function partsSql(
  rows: string,
  interval: Interval,
  dialect: Dialect,
  { unused = [], made }: PartsOptions = {},
): string {
  const { msOf, wide, wideType } = dialect;
  const next = nextSql("ms", interval, dialect);
  const length = `${next} - ms`;
  const { covered, finest, sources } = made ?? {
    ...{ covered: length, finest: length },
    sources: String(bitOf(interval)),
  };
  const rank = ORIGINS.map((origin, i) => `WHEN '${origin}' THEN ${i}`).join(" ");
  const columns = [
    ...SUMS.map((name) => {
      const value = unused.includes(name) ? "NULL::DOUBLE" : name;
      return `${wide(`round(${value} * ${VOLUME_UNIT})`)} AS ${name}`;
    }),
    ...COUNTS.map((name) => `${name}::${wideType} AS ${name}`),
  ];
  return `SELECT symbol, ms, open, high, low, close, ${columns.join(", ")}, ${covered} AS covered,
      ${finest} AS finest, ${sources} AS sources, CASE origin ${rank} END AS origin, ms AS first_ms,
      ${next} AS end_ms
    FROM (SELECT *, ${msOf("open_time")} AS ms FROM ${rows}) AS opened`;
}

/**
 * Parts folded to candles of an interval, which are parts again; any order and any route give the same bits.
 * @param parts a table expression (FROM clause); no two overlap
 */
export function foldSql(parts: string, interval: Interval, dialect: Dialect): string {
  const sums = [...SUMS, ...COUNTS].map(
    (name) => `CASE WHEN count(${name}) = count(*) THEN sum(${name}) END AS ${name}`,
  );
  return `SELECT symbol, opened_ms AS ms, min_by(open, ms) AS open, max(high) AS high, min(low) AS low,
      max_by(close, ms) AS close, ${sums.join(", ")}, sum(covered)::BIGINT AS covered, min(finest) AS finest,
      bit_or(sources) AS sources, max(origin) AS origin, min(first_ms) AS first_ms, max(end_ms) AS end_ms
    FROM (SELECT *, ${floorSql("ms", interval, dialect)} AS opened_ms FROM ${parts}) AS floored
    GROUP BY symbol, opened_ms`;
}

/**
 * Of the parts of one interval, one for each open time: that which covers most of it, and of equal ones a stored one
 * before a live one, then that of the finest candles, then the first origin, then the one that begins later: a live
 * window does not know where in it its parts are. The values decide the rest, so that no order of rows does.
 */
function bestSql(statements: readonly string[]): string {
  const columns = `symbol, ms, open, high, low, close, ${[...SUMS, ...COUNTS].join(", ")}, covered, finest, sources, origin, first_ms, end_ms`;
  const best = `covered DESC, CASE origin WHEN ${LIVE} THEN 1 ELSE 0 END, finest, origin, first_ms DESC, end_ms,
    volume DESC, close DESC, high DESC, low DESC, open DESC`;
  return `SELECT ${columns} FROM (
      SELECT *, row_number() OVER (PARTITION BY symbol, ms ORDER BY ${best}) AS place
      FROM (${statements.map((one) => `SELECT ${columns} FROM (${one}) AS own`).join(" UNION ALL ")}) AS every
    ) AS placed WHERE place = 1`;
}

/** A series that is gathered: the finest one is folded already, the others are parts. */
export interface GatheredSeries {
  interval: Interval;
  /** Statements; of one interval there can be two: the own candles with the live ones that they lack, and served days. */
  statements: readonly string[];
}

/** The interval that the finest series of a chain is folded to while it is gathered. */
export function firstStep(chain: readonly Interval[], target: Interval): Interval {
  return chain[1] ?? target;
}

/**
 * A chain of series as parts of the target: of each stretch the finest series that has all of it; where no finer one
 * has, the coarser candle; and where there is none, what there is.
 */
export function chainSql(chain: readonly GatheredSeries[], target: Interval, dialect: Dialect): string {
  return chain.reduce((finer, { statements }, i) => {
    const parts = i === 0 ? statements : [finer, ...statements];
    const best = parts.length === 1 ? parts[0] : bestSql(parts);
    return foldSql(`(${best}) AS parts`, chain[i + 1]?.interval ?? target, dialect);
  }, "");
}

/** How folded candles are published. */
export interface FoldedCandles {
  interval: Interval;
  now: number;
  cut: CutCandles;
}

/**
 * Whether a candle is complete: it has ended, and nothing more is to come. It does not begin before the symbol's first
 * candle or end after its last, and, except in these two, no file ends in the middle of it with nothing for the rest.
 * Needs a window `all_candles`, by symbol.
 */
export function completeSql({ interval, now, cut }: FoldedCandles, dialect: Dialect): string {
  const next = nextSql("ms", interval, dialect);
  const cuts = Object.entries(cut).map(
    ([symbol, times]) => `(symbol = ${literal(symbol)} AND ms IN (${times.join(", ")}))`,
  );
  const inside = "ms > min(ms) OVER all_candles AND ms < max(ms) OVER all_candles";
  const isCut = `${inside} AND covered < ${next} - ms AND (${cuts.join(" OR ")})`;
  return `${next} <= ${now} AND ms >= min(first_ms) OVER all_candles AND ${next} <= max(end_ms) OVER all_candles
        ${cuts.length === 0 ? "" : `AND NOT (${isCut})`}`;
}

/** SQL of `vwapOf`, over the columns of a candle. */
export const VWAP = "CASE WHEN volume > 0 THEN quote_volume / volume END";

/** The origin of parts, as text. */
export function originSql(): string {
  return `CASE origin ${ORIGINS.map((origin, i) => `WHEN ${i} THEN '${origin}'`).join(" ")} END`;
}

/** Sums of parts as they are published. Through text, because the embedded engine's own way to a double rounds twice. */
export function sumsSql(names: readonly (typeof SUMS)[number][], { textType }: Dialect): string {
  return names.map((name) => `${name}::${textType}::DOUBLE / ${VOLUME_UNIT} AS ${name}`).join(", ");
}

/**
 * The published rows: `symbol open_time`, the candle, `parts` of `expected` (of the finest candles in it), `origin`,
 * `complete`, `made_from`.
 */
export function candlesSql(parts: string, folded: FoldedCandles, dialect: Dialect): string {
  const { div, instantOf } = dialect;
  const next = nextSql("ms", folded.interval, dialect);
  const names = INTERVALS.map((one) => `CASE WHEN (sources & ${bitOf(one)}) <> 0 THEN '${one}' END`);
  const counts = COUNTS.map((name) => `${name}::BIGINT AS ${name}`);
  const summed = `(SELECT symbol, ms, open, high, low, close, covered, finest, sources, origin, first_ms, end_ms,
    ${sumsSql(SUMS, dialect)}, ${counts.join(", ")} FROM (${parts}) AS parts)`;
  return `SELECT symbol, ${instantOf("ms")} AS open_time, ${MINUTE_FIGURES}, ${VWAP} AS vwap,
      ${div("covered", "finest")}::INTEGER AS parts,
      ${div(`(${next} - ms)`, "finest")}::INTEGER AS expected, ${originSql()} AS origin,
      ${completeSql(folded, dialect)} AS complete, concat_ws('+', ${names.join(", ")}) AS made_from
    FROM ${summed} AS summed WINDOW all_candles AS (PARTITION BY symbol)`;
}
