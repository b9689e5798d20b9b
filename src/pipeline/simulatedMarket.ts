import { access } from "node:fs/promises";
import type { InputFile } from "../batch/files.ts";
import type { DailyCandle } from "../candle/candle.ts";
import { exchangeDay } from "../candle/foldDay.ts";
import type { Effects } from "../core/effects.ts";
import { throwIfAborted } from "../core/errors.ts";
import { writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { DAILY_TYPES } from "../lake/columns.ts";
import { forMarket } from "../lake/marketClaim.ts";
import { publishRows } from "../lake/publishRows.ts";
import { readTable } from "../lake/read.ts";
import { type MadeUpMarket, madeUpMarket, type Outage } from "../simulator/madeUpMarket.ts";
import { foldMinutes } from "../simulator/minuteMarket.ts";
import { addDays, type Day, startOfDay } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";

/** The seed of the default simulated market. */
export const SIMULATED_SEED = 1;

/** The simulated market's *now*: the first instant after its last minute file. */
export const SIMULATED_NOW = Date.UTC(2026, 6, 1) as EpochMs;

const FIRST_MINUTE_MONTH = { year: 2025, month: 6 };
const MONTHS = 12;
const FIRST_DAILY = "2021-07-01" as Day;

const at = (text: string) => Date.parse(text) as EpochMs;

/** The exchange was down: no source has these minutes. */
const OUTAGES: readonly Outage[] = [{ from: at("2026-03-25T11:30:00Z"), to: at("2026-03-25T13:30:00Z") }];

/** Minutes that the exchange has but the files lack, so that there are gaps to find and close. */
const NOT_IN_FILES: Record<string, Outage> = {
  BTCUSDT: { from: at("2025-11-18T10:00:00Z"), to: at("2025-11-18T13:00:00Z") },
  ETHUSDT: { from: at("2026-02-09T00:00:00Z"), to: at("2026-02-11T00:00:00Z") },
};

/** The market of a simulated workspace, with its outage. */
export function workspaceMarket(seed: number): MadeUpMarket {
  return madeUpMarket({ seed, outages: OUTAGES });
}

/**
 * Fills a workspace with a simulated market: publishes `daily_backfill` with the daily candles of four years, and
 * writes the twelve months of minutes after them as CSV files under `data/raw/<SYMBOL>/`. Existing files and tables
 * are not changed. A workspace that was empty before has to be reopened to use the market's own *now*.
 * @returns the minute files, for `ingest` with source `simulated`
 * @throws CandlebookError `mixed_markets` if the workspace holds the real market; `other_seed`
 */
export async function simulatedMarket(
  workspace: Workspace,
  seed: number = SIMULATED_SEED,
  effects: Effects = {},
): Promise<InputFile[]> {
  const own = await forMarket(workspace, { schema: 1, market: "simulated", seed, now: SIMULATED_NOW });
  const market = workspaceMarket(seed);
  await publishDaysBefore({ ...own, clock: () => SIMULATED_NOW }, seed, market, effects);
  const files: InputFile[] = [];
  for (const symbol of market.symbols) {
    for (let month = 0; month < MONTHS; month += 1) {
      throwIfAborted(effects.signal);
      const from = startOfMonth(month);
      const name = `${symbol}_1min_${new Date(from).toISOString().slice(0, 7)}.csv`;
      effects.progress?.({
        stage: "simulate",
        note: name,
        done: files.length + 1,
        total: MONTHS * market.symbols.length,
      });
      const path = inWorkspace(workspace, "data", "raw", symbol, name);
      if (!(await isThere(path))) await writeFileWhole(path, minutesCsv(market, symbol, month));
      files.push({ path, symbol });
    }
  }
  return files;
}

const startOfMonth = (month: number) =>
  Date.UTC(FIRST_MINUTE_MONTH.year, FIRST_MINUTE_MONTH.month + month) as EpochMs;

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function minutesCsv(market: MadeUpMarket, symbol: string, month: number): string {
  const lines = ["timestamp,open,high,low,close,volume,quote_volume,trades,taker_base,taker_quote"];
  const hole = NOT_IN_FILES[symbol];
  for (const minute of market.minutes(symbol, startOfMonth(month), startOfMonth(month + 1))) {
    const { openTime, open, high, low, close, volume, quoteVolume, trades, takerBase, takerQuote } = minute;
    if (hole !== undefined && openTime >= hole.from && openTime < hole.to) continue;
    const figures = [volume, quoteVolume, trades, takerBase, takerQuote];
    lines.push([openTime / 1000, open, high, low, close, ...figures].join(","));
  }
  return `${lines.join("\n")}\n`;
}

async function publishDaysBefore(
  workspace: Workspace,
  seed: number,
  market: MadeUpMarket,
  effects: Effects,
): Promise<void> {
  const table = "daily_backfill";
  // A damaged version is rewritten; one of a later candlebook is refused when it would be replaced.
  if ((await readTable(workspace, table).catch(() => null)) !== null) return;
  effects.progress?.({ stage: "simulate", note: "daily candles of the previous years" });
  const recipe = {
    table,
    stage: "simulate",
    parameters: { seed, from: FIRST_DAILY },
    inputs: [],
    source: "simulated" as const,
  };
  const pages = () => [market.symbols.flatMap((symbol) => daysBefore(market, symbol))];
  await publishRows(workspace, effects, recipe, { columns: DAILY_TYPES, pages });
}

/** The exchange's daily candles before the first minute file, computed from the same market's minutes. */
function daysBefore(market: MadeUpMarket, symbol: string): DailyCandle[] {
  const rows: DailyCandle[] = [];
  for (let day = FIRST_DAILY; startOfDay(day) < startOfMonth(0); day = addDays(day, 1)) {
    const whole = { from: startOfDay(day), to: startOfDay(addDays(day, 1)) };
    const candle = foldMinutes(market, symbol, whole, SIMULATED_NOW);
    if (candle !== null) rows.push(exchangeDay(candle));
  }
  return rows;
}
