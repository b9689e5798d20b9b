import type { Candle, DailyCandle } from "../candle/candle.ts";
import { exchangeDay } from "../candle/foldDay.ts";
import { writeFileWhole } from "../core/files.ts";
import { type MadeUpMarket, madeUpMarket, type Outage } from "../simulator/madeUpMarket.ts";
import { foldMinutes } from "../simulator/minuteMarket.ts";
import { teachingFile } from "../simulator/teachingFiles.ts";
import { addDays, type Day, startOfDay } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";

/** The simulated market's *now*: two hours after its last minute file, so that the stream's last day is closed. */
export const SIMULATED_NOW = Date.UTC(2026, 6, 1, 2) as EpochMs;

const FIRST_MINUTE_MONTH = { year: 2025, month: 6 };
/** Number of files of each symbol. */
export const MONTHS = 12;
export const FIRST_DAILY = "2021-07-01" as Day;
/** The day of the first minute file: daily candles end before it. */
export const FIRST_MINUTE_DAY = "2025-07-01" as Day;

const at = (text: string) => Date.parse(text) as EpochMs;

/** The exchange was down, and one pair's trading was halted: no source has these minutes. */
const OUTAGES: readonly Outage[] = [
  { from: at("2026-03-25T11:30:00Z"), to: at("2026-03-25T13:30:00Z") },
  { symbol: "ETHUSDT", from: at("2026-05-12T04:00:00Z"), to: at("2026-05-12T04:25:00Z") },
];

/** The exchange has these minutes and the files lack them, so that there are gaps to find and close. */
const NOT_IN_FILES: Record<string, Outage> = {
  BTCUSDT: { from: at("2025-11-18T10:00:00Z"), to: at("2025-11-18T13:00:00Z") },
  ETHUSDT: { from: at("2026-02-09T00:00:00Z"), to: at("2026-02-11T00:00:00Z") },
};

/** The market of a simulated workspace, with its outage. */
export function workspaceMarket(seed: number): MadeUpMarket {
  return madeUpMarket({ seed, outages: OUTAGES });
}

const startOfMonth = (month: number) =>
  Date.UTC(FIRST_MINUTE_MONTH.year, FIRST_MINUTE_MONTH.month + month) as EpochMs;

/** A part of a simulated workspace, independent of the others: a month's file, or the daily candles of [from, to). */
export type MarketPart =
  | { part: "file"; symbol: string; month: number; path: string }
  | { part: "days"; symbol: string; from: Day; to: Day };

/** Writes the file of a part, or returns its daily candles. */
export async function makePart(market: MadeUpMarket, task: MarketPart): Promise<DailyCandle[]> {
  if (task.part === "days") return daysOf(market, task);
  const { symbol, month, path } = task;
  await writeFileWhole(path, monthFile(symbol, month).content(minutesInFiles(market, symbol, month)));
  return [];
}

/** A month's file: its name, and what makes its bytes. */
export const monthFile = (symbol: string, month: number) => teachingFile(symbol, startOfMonth(month), month);

function* minutesInFiles(market: MadeUpMarket, symbol: string, month: number): Generator<Candle> {
  const gap = NOT_IN_FILES[symbol];
  for (const minute of market.minutes(symbol, startOfMonth(month), startOfMonth(month + 1))) {
    if (!during(gap, minute)) yield minute;
  }
}

/** Whether a minute opens in a stretch. */
export const during = ({ from, to }: Outage, { openTime }: Candle) => openTime >= from && openTime < to;

/** The exchange's daily candles, computed from the same market's minutes. */
function daysOf(
  market: MadeUpMarket,
  { symbol, from, to }: { symbol: string; from: Day; to: Day },
): DailyCandle[] {
  const rows: DailyCandle[] = [];
  for (let day = from; day < to; day = addDays(day, 1)) {
    const whole = { from: startOfDay(day), to: startOfDay(addDays(day, 1)) };
    const candle = foldMinutes(market, symbol, whole, SIMULATED_NOW);
    if (candle !== null) rows.push(exchangeDay(candle));
  }
  return rows;
}
