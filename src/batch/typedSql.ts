import { AMOUNTS, type Amount } from "../candle/candle.ts";
import { LARGEST_VOLUME } from "../candle/validity.ts";
import { duckdbDialect } from "../lake/dialect.ts";
import { amountsOf, type FileForm } from "../recognition/form.ts";
import { EARLIEST_MS, type EpochMs, type EpochUnit, MINUTE_MS } from "../time/epoch.ts";
import { isOpenTimeSql } from "./intervalSql.ts";
import { readerSql } from "./parseSql.ts";
import type { Piece } from "./pieces.ts";

/** The milliseconds in which a piece's open times are counted: a minute, of shorter candles a second. */
export function countedMs({ interval }: Pick<FileForm, "interval">): number {
  return interval === "1s" ? 1000 : MINUTE_MS;
}

/** The tables that keep the lines which the engine's reader can't take, of one connection. */
export const REFUSED = "piece_refused";
const SCANS = "piece_scans";

/** Removes the tables that a reading left. */
export const FORGET_REFUSED = `DROP TABLE IF EXISTS ${REFUSED}; DROP TABLE IF EXISTS ${SCANS}`;

/**
 * A piece whose form is known, read into typed columns: `m` (minutes since 1970, or seconds: see `countedMs`), `open high
 * low close volume`, and the count of trades and the amounts that the form has columns of. `m` is null unless the row is
 * sure to be what `parseSql` would take for a candle: each condition is at least as narrow as there. Lines that the reader can't take are in `REFUSED`, with their numbers.
 * @param units of the times: one, or two of which the first has the smaller numbers
 * @param most how many refused lines are worth keeping
 */
export function typedSql(
  { path, places }: Piece,
  form: FileForm,
  units: readonly EpochUnit[],
  { latest, most }: { latest: EpochMs; most: number },
): string {
  const { columns, fields, delimiter, times } = form;
  const used = new Map<number, string>();
  const amounts = amountsOf(form);
  for (const role of ["time", "open", "high", "low", "close", "volume", "trades", ...amounts] as const) {
    const place = columns[role];
    if (place !== null) used.set(place, role);
  }
  const types = Array.from({ length: fields }, (_, i) =>
    used.has(i) && !(places.exponents && i === columns.time) ? `'c${i}': 'DOUBLE'` : `'c${i}': 'VARCHAR'`,
  );
  const refusing = `,
    store_rejects = true, rejects_table = '${REFUSED}', rejects_scan = '${SCANS}', rejects_limit = ${most}`;
  const column = (role: "time" | "open" | "high" | "low" | "close" | "volume") => `c${columns[role]}`;
  const text = column("time");
  // An exponent in a time has lost digits, and the reader of numbers would take it.
  const stamp = places.exponents
    ? `CASE WHEN NOT contains(lower(${text}), 'e') THEN TRY_CAST(${text} AS DOUBLE) END`
    : text;
  const counted = countedMs(form);
  const openedIn = ({ minute }: EpochUnit) => {
    const perMs = minute / MINUTE_MS;
    const opened = times.shift === 0 ? stamp : `(${stamp} + ${times.shift * perMs})`;
    return `${opened} / ${counted * perMs}`;
  };
  const [smaller, larger] = units;
  const opened =
    larger === undefined
      ? openedIn(smaller)
      : `CASE WHEN ${stamp} < ${smaller.below} THEN ${openedIn(smaller)} ELSE ${openedIn(larger)} END`;
  const onGrid =
    form.interval === "1m" || form.interval === "1s"
      ? ""
      : `AND ${isOpenTimeSql(`m * ${counted}`, form.interval, duckdbDialect)} `;
  const countable = `coalesce(trades >= 0 AND trades < ${Number.MAX_SAFE_INTEGER} AND trades = counted, counted IS NULL)`;
  const hasTrades = (sql: string) => (columns.trades === null ? "" : sql);
  // The sign of a difference is computed in a third of the time of a comparison, which looks for NaN on both sides. What
  // is NaN or infinite makes the sum so; and of two finite numbers that differ the difference is never 0.
  const atLeast = (a: string, b: string) => `NOT signbit(${a} - ${b})`;
  const own = amounts.map((amount) => `, ${AMOUNTS[amount]}`).join("");
  return `SELECT open, high, low, close, volume${hasTrades(", trades")}${own}, CASE WHEN
      m >= ${EARLIEST_MS / counted} AND m <= ${Math.floor(latest / counted)} AND m = times ${onGrid}AND low > 0
      AND ${atLeast("open", "low")} AND ${atLeast("close", "low")} AND ${atLeast("high", "open")}
      AND ${atLeast("high", "close")} AND NOT signbit(volume) ${lowestAmount(amounts)}
      AND open + high + low + close + volume${sumOfAmounts(amounts)} <= ${LARGEST_VOLUME}${hasTrades(` AND ${countable}`)} THEN m END AS m
    FROM (
      SELECT *, try_cast(times AS BIGINT) AS m${hasTrades(", try_cast(counted AS BIGINT) AS trades")} FROM (
        SELECT ${opened} AS times, ${column("open")} AS open, ${column("high")} AS high,
          ${column("low")} AS low, ${column("close")} AS close, ${column("volume")} AS volume${hasTrades(`, c${columns.trades} AS counted`)}
          ${amounts.map((one) => `, c${columns[one]} AS ${AMOUNTS[one]}`).join("")}
        FROM ${readerSql(path, types.join(", "), delimiter, refusing)}
      )
    )`;
}

// One by one, with a coalesce for each, the checks of the amounts take four times as long.
function lowestAmount(amounts: readonly Amount[]): string {
  if (amounts.length === 0) return "";
  const columns = amounts.map((one) => AMOUNTS[one]);
  return `AND signbit(least(${columns.join(", ")})) IS NOT TRUE`;
}

/** Where one is null the sum is: then the greatest of the others is bounded, which is NaN where one of them is. */
function sumOfAmounts(amounts: readonly Amount[]): string {
  if (amounts.length === 0) return "";
  const columns = amounts.map((one) => AMOUNTS[one]);
  return ` + coalesce(${columns.join(" + ")}, greatest(${columns.join(", ")}), 0)`;
}
