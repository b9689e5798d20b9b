import { access } from "node:fs/promises";
import type { InputFile } from "../batch/files.ts";
import type { Candle, DailyCandle } from "../candle/candle.ts";
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
import { teachingFile } from "../simulator/teachingFiles.ts";
import { candleToMessage } from "../speed/produce/toMessage.ts";
import { addDays, type Day, startOfDay } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";
import { encodeMessage } from "../topic/message.ts";
import { embeddedTopicPath, openTopic } from "../topic/openTopic.ts";

/** The seed of the default simulated market. */
export const SIMULATED_SEED = 1;

/** The simulated market's *now*: two hours after its last minute file, so that the stream's last day is closed. */
export const SIMULATED_NOW = Date.UTC(2026, 6, 1, 2) as EpochMs;

const FIRST_MINUTE_MONTH = { year: 2025, month: 6 };
const MONTHS = 12;
const FIRST_DAILY = "2021-07-01" as Day;

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

/** The stream begins two days before the last file's end, so that these days are in both layers. */
const STREAM_FROM = at("2026-06-29T00:00:00Z");

/** Minutes that the stream delivers late, after their day's window has closed, and minutes that it never delivers. */
const LATE: Outage = { from: at("2026-06-29T22:00:00Z"), to: at("2026-06-29T22:06:00Z") };
const LATE_UNTIL = at("2026-06-30T05:00:00Z");
const NOT_IN_STREAM: Outage = { from: at("2026-06-29T12:00:00Z"), to: at("2026-06-29T12:20:00Z") };

/** The market of a simulated workspace, with its outage. */
export function workspaceMarket(seed: number): MadeUpMarket {
  return madeUpMarket({ seed, outages: OUTAGES });
}

/**
 * Fills a workspace with a simulated market: publishes `daily_backfill` with the daily candles of four years, and
 * writes the twelve months of minutes after them as files of several forms under `data/raw/<SYMBOL>/`, and the last
 * two days also as a stream, to the embedded topic. Existing files, topics and tables are not changed. A workspace that was empty before has to be reopened to use the market's own *now*.
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
  await writeStream(own, market);
  const files: InputFile[] = [];
  for (const symbol of market.symbols) {
    for (let month = 0; month < MONTHS; month += 1) {
      throwIfAborted(effects.signal);
      const from = startOfMonth(month);
      const { name, content } = teachingFile(symbol, from, month);
      effects.progress?.({
        stage: "simulate",
        note: name,
        done: files.length + 1,
        total: MONTHS * market.symbols.length,
      });
      const path = inWorkspace(workspace, "data", "raw", symbol, name);
      if (!(await isThere(path))) await writeFileWhole(path, content(minutesInFiles(market, symbol, month)));
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

function* minutesInFiles(market: MadeUpMarket, symbol: string, month: number): Generator<Candle> {
  const gap = NOT_IN_FILES[symbol];
  for (const minute of market.minutes(symbol, startOfMonth(month), startOfMonth(month + 1))) {
    if (!during(gap, minute)) yield minute;
  }
}

/** The last days' minutes as the stream delivered them, in the order of arrival. */
async function writeStream(workspace: Workspace, market: MadeUpMarket): Promise<void> {
  if (await isThere(embeddedTopicPath(workspace))) return;
  const [late, lost] = market.symbols;
  const arrived = market.symbols
    .flatMap((symbol) => [...market.minutes(symbol, STREAM_FROM, SIMULATED_NOW)])
    .filter((minute) => minute.symbol !== lost || !during(NOT_IN_STREAM, minute))
    .map((minute) => {
      const waits = minute.symbol === late && during(LATE, minute);
      return { minute, at: waits ? LATE_UNTIL : minute.openTime };
    })
    .sort((a, b) => a.at - b.at);
  const messages = arrived.map(({ minute }) => ({
    key: minute.symbol,
    value: encodeMessage(candleToMessage(minute, "1m", { market: "simulated" })),
  }));
  const topic = await openTopic(workspace, { clock: () => SIMULATED_NOW });
  try {
    await topic.append(messages);
  } finally {
    await topic.close();
  }
}

const during = ({ from, to }: Outage, { openTime }: Candle) => openTime >= from && openTime < to;

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
