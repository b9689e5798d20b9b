import { monotonicClock } from "../core/machine.ts";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { banList } from "../venues/ban.ts";
import { systemNetwork } from "../venues/http.ts";
import { venue } from "../venues/registry.ts";
import type { DailyCandle } from "../candle/candle.ts";
import { exchangeDay } from "../candle/foldDay.ts";
import { formatPrice } from "../charts/theme.ts";
import { unitsOf } from "../charts/units.ts";
import type { Effects } from "../core/effects.ts";
import { type Progress, silent } from "../core/progress.ts";
import { en, type Text } from "../core/text.ts";
import type { Summary, SummaryBand } from "../evaluation/summary.ts";
import { CandlebookError, inputError, outsideError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { DAILY_TYPES } from "../lake/columns.ts";
import { publishRows } from "../lake/publishRows.ts";
import { simulatedSeedOf } from "../lake/marketClaim.ts";
import { merge } from "../serving/merge.ts";
import type { ProduceOptions } from "../speed/produce/produce.ts";
import { DAY_MS, type EpochMs } from "../time/epoch.ts";
import { DEMO_TEXTS, type DemoLanguage, type DemoTexts } from "./demoTexts.ts";
import { figures } from "../pipeline/figures.ts";
import { forecast } from "../forecasting/forecast.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import { type PeekedMessage, type StreamSession, streamSession } from "./streamSession.ts";

export interface DemoOptions {
  /** Use the real exchange. */
  live?: boolean;
  /** Addresses of the real exchange; default its own. */
  streamUrl?: string;
  restUrl?: string;
  /** Patience with an exchange that does not respond; by default about ten seconds. */
  patience?: ProduceOptions["patience"];
  language?: DemoLanguage;
  symbols?: readonly string[];
  /** Number of messages to wait for; default 1,008. */
  messages?: number;
  /** Receives a sentence for each step. */
  tell?(sentence: string): void;
}

export interface DemoResult {
  messages: number;
  peeked: PeekedMessage[];
  /** Rows of `streaming_output_batch`, one for each symbol. */
  days: DailyCandle[];
  /** Rows of `daily_filled`. */
  merged: number;
  /** Number of forecasts; 0 if the history was too short or missing. */
  forecasts: number;
  figures: number;
}

const MARK = ".candlebook-demo";
const HISTORY = 1_000;
const HORIZON = 30;
/** Models that need seconds, not minutes. */
const MODELS = ["naive", "drift", "seasonal_naive", "random_walk_ensemble"];
/** The picture to look at first, in the workspace. */
const FORECAST_PICTURE = ["data_analysis", "prophet_visualizations", "btc_forecast.html"];
const PEEK = 4;
const SPEED = 120;
const PATIENT_ENOUGH = { longestRetryMs: 4_000 };

/**
 * The tour: reads an exchange's stream, shows the topic, runs both readers, merges, forecasts and draws. The
 * workspace is used by the tour only; that of an earlier tour is emptied first.
 * @param workspace an empty folder, or one of an earlier tour
 * @throws CandlebookError `not_empty` if the folder has other content; `stream_unreachable`, in the tour's language,
 *   if the real exchange does not respond
 */
export async function demo(
  workspace: Workspace,
  options: DemoOptions = {},
  given: Effects = {},
): Promise<DemoResult> {
  const { live = false, language = "en", messages = 1_008, symbols = ["BTCUSDT", "ETHUSDT"] } = options;
  const texts = DEMO_TEXTS[language];
  const effects = { ...given, progress: progressIn(texts, given.progress) };
  const tell = options.tell ?? (() => {});
  const began = monotonicClock();
  await beginAnew(workspace.root, texts);
  tell(texts.begin(live, messages));
  const { streamUrl, restUrl, patience = PATIENT_ENOUGH } = options;
  const session = await streamSession(
    workspace,
    { symbols, live, streamUrl, restUrl, speed: SPEED },
    effects,
  );
  try {
    const produced = await session.produce({ messages, patience }).catch((error) => {
      throw live ? inWords(error, texts) : error;
    });
    const days = await publishHistory(workspace, session, symbols, effects);
    tell(texts.history(days));
    tell(texts.produced(produced.messages, produced.reconnects));
    const peeked = await session.peek(PEEK);
    tell(texts.peeked(peeked.length));
    for (const { partition, offset, key, value } of peeked) {
      tell(`   ${partition}/${offset} ${key}: ${value}`);
    }
    const consumed = await session.consume({ once: true });
    tell(texts.consumed(consumed.open.length));
    tell(texts.whyNothing);
    const seen = await session.snapshot();
    tell(texts.snapshot(seen.counts.read, seen.days.length));
    for (const day of seen.days) tell(`   ${dayText(day)[language]}`);
    const { served } = await merge(workspace, effects);
    tell(texts.merged(served.manifest.rows));
    const forecasts = await forecastIfAble(workspace, effects, language, tell);
    const drawn = await figures(workspace, effects);
    tell(texts.figures(drawn.files));
    if (forecasts > 0) tell(texts.picture(join(basename(workspace.root), ...FORECAST_PICTURE)));
    tell(texts.end(basename(workspace.root), Math.round((monotonicClock() - began) / 1_000)));
    return {
      messages: produced.messages,
      peeked,
      days: seen.days,
      merged: served.manifest.rows,
      forecasts,
      figures: drawn.files,
    };
  } finally {
    await session.close();
  }
}

/** The error for an unreachable exchange, in the tour's language; any other error unchanged. */
function inWords(error: unknown, { unreachable }: DemoTexts): unknown {
  if (!(error instanceof CandlebookError) || error.code !== "stream_unreachable") return error;
  return outsideError(error.code, unreachable.message, unreachable.next, error);
}

/** Empties the folder of an earlier tour, and no other. */
async function beginAnew(root: string, { notEmpty }: DemoTexts): Promise<void> {
  const entries = await readdir(root).catch(() => [] as string[]);
  if (entries.length > 0 && !entries.includes(MARK)) {
    throw inputError("not_empty", notEmpty.message, notEmpty.next);
  }
  for (const entry of entries) await rm(join(root, entry), { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  await writeFile(join(root, MARK), "");
}

/** The exchange's daily candles before the stream's day → `daily_backfill`; none if REST can't be reached. */
async function publishHistory(
  workspace: Workspace,
  session: StreamSession,
  symbols: readonly string[],
  effects: Effects,
): Promise<number> {
  const rest = venue.rest({
    base: session.restUrl,
    network: systemNetwork,
    bans: banList(inWorkspace(workspace, "data", "bans.json")),
    market: () => simulatedSeedOf(workspace),
    signal: effects.signal,
  });
  const rows: DailyCandle[] = [];
  try {
    const now = await rest.time();
    const from = (now - (now % DAY_MS) - HISTORY * DAY_MS) as EpochMs;
    for (const symbol of symbols) {
      effects.progress?.({ stage: "demo", note: `daily candles of ${symbol}` });
      rows.push(...(await rest.candles(symbol, "1d", from, now)).map(exchangeDay));
    }
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.exit !== 3) throw error;
    return 0;
  }
  const recipe = {
    table: "daily_backfill",
    stage: "demo",
    parameters: { symbols, days: HISTORY },
    inputs: [],
    source: session.source,
  };
  await publishRows(workspace, effects, recipe, { columns: DAILY_TYPES, pages: () => [rows] });
  return rows.length;
}

/** A day that the stream has begun. */
function dayText({ symbol, day, minutes, close }: DailyCandle): Text {
  const price = formatPrice(close);
  return en`${symbol} ${day}: ${minutes ?? 0} minutes, last price ${price}`
    .vi`${symbol} ${day}: ${minutes ?? 0} phút, giá cuối ${price}`;
}

function bandText({ symbol, model }: Summary, { daysAhead, ds, median, lo80, hi80 }: SummaryBand): Text {
  const [middle, low, high] = [median, lo80, hi80].map(formatPrice);
  const { quote } = unitsOf(symbol);
  return en`${symbol} on ${ds}, ${daysAhead} ${daysAhead === 1 ? "day" : "days"} ahead, by ${model}: median ${middle} ${quote}, 80 % band ${low} to ${high}`
    .vi`${symbol} vào ${ds}, sau ${daysAhead} ngày, theo ${model}: trung vị ${middle} ${quote}, dải 80 % từ ${low} đến ${high}`;
}

/** Progress in the tour's language: what the stages say in English is left out of another. */
function progressIn({ stages }: DemoTexts, progress: Progress = silent): Progress {
  return (event) => {
    const stage = stages[event.stage];
    progress(stage === undefined ? event : { ...event, stage, note: "" });
  };
}

async function forecastIfAble(
  workspace: Workspace,
  effects: Effects,
  language: DemoLanguage,
  tell: (sentence: string) => void,
): Promise<number> {
  const texts = DEMO_TEXTS[language];
  try {
    const made = await forecast(workspace, { horizon: HORIZON, models: MODELS, publish: true }, effects);
    tell(texts.forecast(MODELS.length, HORIZON));
    for (const summary of summariesOf(workspace, made.symbols)) {
      for (const line of [...summary.bands.map((band) => bandText(summary, band)), summary.sentence])
        tell(`   ${line[language]}`);
    }
    return made.symbols.reduce((sum, { forecasts }) => sum + forecasts.length, 0);
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.exit !== 2) throw error;
    tell(texts.noForecast(error.message));
    return 0;
  }
}
