import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { InputFile } from "../batch/files.ts";
import type { DailyCandle } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { onThreads, workerUrl } from "../core/threads.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { DAILY_TYPES } from "../lake/columns.ts";
import { forMarket } from "../lake/marketClaim.ts";
import { publishRows } from "../lake/publishRows.ts";
import { readTable } from "../lake/read.ts";
import type { MadeUpMarket, Outage } from "../simulator/madeUpMarket.ts";
import { candleToMessage } from "../speed/produce/toMessage.ts";
import { addDays, type Day } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";
import { encodeMessage } from "../topic/message.ts";
import { embeddedTopicPath, openTopic } from "../topic/openTopic.ts";
import {
  during,
  FIRST_DAILY,
  FIRST_MINUTE_DAY,
  type MarketPart,
  MONTHS,
  monthFile,
  SIMULATED_NOW,
  workspaceMarket,
} from "./marketParts.ts";

/** The seed of the default simulated market. */
export const SIMULATED_SEED = 1;

const at = (text: string) => Date.parse(text) as EpochMs;

/** The stream begins two days before the last file's end, so that these days are in both layers. */
const STREAM_FROM = at("2026-06-29T00:00:00Z");

/** Minutes that the stream delivers late, after their day's window has closed, and minutes that it never delivers. */
const LATE: Outage = { from: at("2026-06-29T22:00:00Z"), to: at("2026-06-29T22:06:00Z") };
const LATE_UNTIL = at("2026-06-30T05:00:00Z");
const NOT_IN_STREAM: Outage = { from: at("2026-06-29T12:00:00Z"), to: at("2026-06-29T12:20:00Z") };

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
  const months = Array.from({ length: MONTHS }, (_, month) => month);
  const files = market.symbols.flatMap((symbol) =>
    months.map((month) => {
      const path = inWorkspace(workspace, "data", "raw", symbol, monthFile(symbol, month).name);
      return { part: "file" as const, symbol, month, path };
    }),
  );
  const missing = files.filter(({ path }) => !existsSync(path));
  await makeParts(workspace, seed, missing, effects);
  return files.map(({ path, symbol }) => ({ path, symbol }));
}

/** Makes parts of the market on all cores. @returns the daily candles of each */
function makeParts(
  workspace: Workspace,
  seed: number,
  parts: readonly MarketPart[],
  { signal, progress }: Effects,
): Promise<DailyCandle[][]> {
  let done = 0;
  const say = (note: string) => progress?.({ stage: "simulate", note, done, total: parts.length });
  say("the market");
  return onThreads<MarketPart, DailyCandle[]>(workerUrl("marketWorker", import.meta.url), parts, {
    count: workspace.resources.threads,
    workerData: { seed },
    signal,
    onDone: (i) => {
      done += 1;
      const part = parts[i];
      say(part.part === "file" ? basename(part.path) : `daily candles from ${part.from}`);
    },
  });
}

/** The last days' minutes as the stream delivered them, in the order of arrival. */
async function writeStream(workspace: Workspace, market: MadeUpMarket): Promise<void> {
  if (existsSync(embeddedTopicPath(workspace))) return;
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

async function publishDaysBefore(
  workspace: Workspace,
  seed: number,
  market: MadeUpMarket,
  effects: Effects,
): Promise<void> {
  const table = "daily_backfill";
  // A damaged version is rewritten; one of a later candlebook is refused when it would be replaced.
  if ((await readTable(workspace, table).catch(() => null)) !== null) return;
  const recipe = {
    table,
    stage: "simulate",
    parameters: { seed, from: FIRST_DAILY },
    inputs: [],
    source: "simulated" as const,
  };
  const years = daysApart(FIRST_DAILY, FIRST_MINUTE_DAY);
  const parts = market.symbols.flatMap((symbol) =>
    years.map(([from, to]) => ({ part: "days" as const, symbol, from, to })),
  );
  async function* pages() {
    yield* await makeParts(workspace, seed, parts, effects);
  }
  await publishRows(workspace, effects, recipe, { columns: DAILY_TYPES, pages });
}

/** A stretch of days in parts of half a year, so that no core waits for the last one. */
function daysApart(from: Day, to: Day): [Day, Day][] {
  const parts: [Day, Day][] = [];
  for (let day = from; day < to; day = addDays(day, 183)) {
    const end = addDays(day, 183);
    parts.push([day, end < to ? end : to]);
  }
  return parts;
}
