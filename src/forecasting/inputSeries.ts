import { createHash } from "node:crypto";
import type { DailyCandle } from "../candle/candle.ts";
import { fillCalendar } from "../candle/timeline.ts";
import { unknownSymbol } from "../candle/unknownSymbol.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Series } from "../forecast/forecaster.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import { withMinuteRanges } from "./minuteRanges.ts";

/**
 * The version of `prophet_input` that the models read.
 * @throws CandlebookError `no_input` (exit 2) where nothing is published
 */
export async function requireInput(workspace: Workspace): Promise<TableVersion> {
  const input = await readTable(workspace, "prophet_input");
  if (input !== null && input.manifest.rows > 0) return input;
  throw inputError(
    "no_input",
    "There is nothing to forecast from: the table prophet_input is empty or not there.",
    "Run candlebook merge first, or candlebook run --csv PATH for all of it.",
  );
}

/**
 * The models' input as one series for each symbol. A day that is missing between two others (known from tickers
 * alone, say) carries the close forward, as in the calendar, and is marked as filled. Days whose minutes are there
 * carry their variance too.
 * @param symbols default: all
 * @throws CandlebookError `unknown_symbol` (exit 2) where one is not in the table
 */
export async function readSeries(
  workspace: Workspace,
  input: TableVersion,
  symbols: readonly string[] | undefined,
  effects: Effects,
): Promise<Series[]> {
  return withLake(workspace, effects, async (lake) => {
    const rows = await lake.rows<DailyCandle>(`SELECT symbol, ds::VARCHAR AS day, open, high, low, y AS close,
      volume, origin, true AS complete, NULL AS minutes FROM ${input.sql} ORDER BY symbol, ds`);
    const found: Series[] = [];
    for (const symbol of chosenOf(rows, symbols)) {
      const series = toSeries(rows.filter((row) => row.symbol === symbol));
      found.push(await withMinuteRanges(workspace, lake, series));
    }
    return found;
  });
}

function chosenOf(rows: readonly DailyCandle[], symbols: readonly string[] | undefined): readonly string[] {
  const known = [...new Set(rows.map((row) => row.symbol))];
  const missing = symbols?.find((symbol) => !known.includes(symbol));
  if (missing !== undefined) throw unknownSymbol(missing, known, "the table prophet_input");
  return symbols ?? known;
}

/**
 * SHA-256 of a symbol's first `count` days, their prices and what is known of their variance, hexadecimal. The same on
 * both kernels: their logarithms differ in the last bit, so that of a variance ten digits count.
 */
export function dataHash(series: Series, count: number): string {
  const hash = createHash("sha256").update(`${series.symbol} ${series.days[0]} ${count}`);
  for (const field of ["open", "high", "low", "close"] as const) {
    hash.update(Buffer.from(series[field].slice(0, count).buffer));
  }
  for (const value of series.variance?.slice(0, count) ?? []) hash.update(`${value.toPrecision(10)} `);
  const filled = series.filled?.slice(0, count);
  if (filled?.includes(1)) hash.update(Buffer.from(filled.buffer));
  return hash.digest("hex");
}

const isFilled = ({ origin }: DailyCandle) => origin === "filled";

function toSeries(rows: readonly DailyCandle[]): Series {
  const calendar = fillCalendar(rows);
  const column = (name: "open" | "high" | "low" | "close") => Float64Array.from(calendar, (row) => row[name]);
  return {
    symbol: rows[0].symbol,
    days: calendar.map((row) => row.day),
    open: column("open"),
    high: column("high"),
    low: column("low"),
    close: column("close"),
    ...(calendar.some(isFilled) && { filled: Float64Array.from(calendar, (row) => Number(isFilled(row))) }),
  };
}
