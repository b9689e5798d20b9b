import type { Candle, Source } from "../candle/candle.ts";
import { assetOf, parseSymbol } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { CANDLE_FIELDS } from "../lake/columns.ts";
import { withLake } from "../lake/session.ts";
import { addDays, type Day, parseDay } from "../time/day.ts";
import { requireTable } from "./served.ts";

export interface ReadMinutesOptions {
  symbol: string;
  /** The first day, UTC; default: the last day that the table has. */
  day?: string;
  /** How many days; 1 by default. More than a week is more than a figure can show. */
  days?: number;
  /** `clean` by default: one candle per minute. `minutes` are the rows as they came. */
  table?: "clean" | "minutes";
}

export interface MinutesOfDays {
  source: Source;
  /** The first day that was read. */
  day: Day;
  /** By open time. */
  minutes: Candle[];
}

/**
 * One symbol's minutes of a day or a few.
 *
 * ```ts
 * const { minutes, source } = await readMinutes(workspace, { symbol: "BTCUSDT", day: "2025-06-01" });
 * await show(minuteChart(minutes, { source }));
 * ```
 * @throws CandlebookError `no_such_table`, `bad_day`, `bad_span`, `bad_symbol`
 */
export async function readMinutes(
  workspace: Workspace,
  { symbol, day, days = 1, table = "clean" }: ReadMinutesOptions,
  effects: Effects = {},
): Promise<MinutesOfDays> {
  const version = await requireTable(workspace, `${assetOf(parseSymbol(symbol))}_${table}`);
  if (!Number.isInteger(days) || days < 1 || days > 7) {
    throw inputError("bad_span", `${days} is no number of days from 1 to 7.`, "Ask for a week at most.");
  }
  return withLake(workspace, effects, async (lake) => {
    const [{ last }] = await lake.rows<{ last: Day | null }>(
      `SELECT max(open_time)::DATE::VARCHAR AS last FROM ${version.sql}`,
    );
    const first = day === undefined ? (last as Day) : parseDay(day);
    if (first === null) throw inputError("bad_day", `"${day}" is no day.`, "Write it as 2025-06-01.");
    const minutes = await lake.rows<Candle>(
      `SELECT ${CANDLE_FIELDS}
       FROM ${version.sql} WHERE open_time >= $first::TIMESTAMPTZ AND open_time < $end::TIMESTAMPTZ ORDER BY open_time`,
      { first, end: addDays(first, days) },
    );
    return { source: version.manifest.source, day: first, minutes };
  });
}
