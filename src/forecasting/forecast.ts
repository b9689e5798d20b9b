import { randomUUID } from "node:crypto";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { backtest } from "../evaluation/backtest.ts";
import { checkHorizon, checkSeries } from "../forecast/check.ts";
import type { Forecast, Forecaster, Series } from "../forecast/forecaster.ts";
import type { ForecastRunner } from "../forecast/runner.ts";
import { daysWithData } from "../forecast/series.ts";
import { onWorkers } from "../forecast/workerPool.ts";
import { readManifest } from "../lake/manifest.ts";
import { publishedAlready } from "../lake/publish.ts";
import type { TableVersion } from "../lake/read.ts";
import { type RiskRow, riskRows } from "../risk/riskRows.ts";
import { reportedRows, scoreRisk } from "../risk/scoreRisk.ts";
import { keepDiary } from "./diary.ts";
import { remembering } from "./forecastCache.ts";
import { publishForecastInput } from "./forecastInput.ts";
import type { ForecastResult, RefusedSymbol } from "./forecastResult.ts";
import { type Computed, FORECAST_TABLES, publishForecast } from "./forecastTables.ts";
import { dataHash, readSeries, requireInput } from "./inputSeries.ts";
import { chosenModels, type ModelChoice } from "./ownModels.ts";
import { publicationOf } from "./publication.ts";
import { readForecasts } from "./readForecasts.ts";
import { readRisk, symbolRisk } from "./readRisk.ts";

const STAGE_VERSION = 7;

export interface ForecastOptions {
  /** Default: all of the input. */
  symbols?: readonly string[];
  /** Days ahead; 30 by default. */
  horizon?: number;
  /** Shipped models by their names, `naive` among them, and models of one's own; default: all shipped ones. */
  models?: readonly ModelChoice[];
  /**
   * Publishes the forecast in the place of one with another horizon, other symbols or models; without it such a
   * forecast is returned only.
   */
  publish?: boolean;
}

/**
 * Forecasts every symbol with every model, evaluates the models on rolling origins, and publishes forecasts,
 * quantiles, results, risk and scores; keeps the forecasts in the diary. Where a forecast with another horizon, other
 * symbols or models is published, nothing is published unless `publish` is true. The fits run in worker threads, as many as
 * the workspace allows, which end with an abort. A symbol with too short a history is refused by itself: the others go on.
 * @throws CandlebookError `no_input`, `unknown_symbol`, `unknown_model`, `no_naive`, `model_twice`, `bad_horizon`, and
 *   those of `checkFeatures` (exit 2); `interrupted` (exit 130)
 */
export async function forecast(
  workspace: Workspace,
  options: ForecastOptions = {},
  effects: Effects = {},
): Promise<ForecastResult> {
  const { horizon = 30, publish = false } = options;
  checkHorizon(horizon);
  const models = chosenModels(options.models);
  const input = await requireInput(workspace);
  const series = await readSeries(workspace, input, options.symbols, effects);
  const { source } = input.manifest;
  const symbols = await partOf(workspace, input, options.symbols, effects);
  const plan = { horizon, symbols, models: models.map(({ name }) => name) };
  const before = await readManifest(workspace, "prophet_metrics").catch(() => null);
  const { published, sentence: publication } = publicationOf(before, plan, publish);
  const data = series.map((one) => dataHash(one, one.days.length));
  const recipe = {
    stage: "forecast",
    // The minutes give the days' variance, which the table of days doesn't hold.
    parameters: { version: STAGE_VERSION, horizon, symbols: symbols ?? "all", models: namesOf(models), data },
    inputs: [{ name: "prophet_input", version: input.manifest.id }],
    source,
  };
  const ready = await Promise.all(
    FORECAST_TABLES.map((table) => publishedAlready(workspace, { ...recipe, table })),
  );
  const skipped = ready.every((table) => table !== null);
  const facts = { horizon, source, skipped, published, publication };
  if (!skipped) {
    const refused = series.map(refusalOf).filter((refusal) => refusal !== null);
    const able = series.filter(({ symbol }) => refused.every((refusal) => refusal.symbol !== symbol));
    const runner = remembering(workspace, onWorkers(workspace.resources.threads));
    const computed: Computed[] = [];
    for (const one of able) computed.push(await compute(one, models, { horizon, runner }, effects));
    if (!published) return { ...facts, refused, ...shown(computed) };
    effects.progress?.({ stage: "forecast", note: "publishing" });
    await publishForecast(workspace, effects, recipe, { computed, refused });
  }
  const tables = await readForecasts(workspace, effects);
  await publishForecastInput(workspace, recipe, series, effects);
  await keepDiary(workspace, { input, series, symbols: tables.symbols }, effects);
  return { ...facts, ...tables, risk: await readRisk(workspace, effects) };
}

/** The symbols, sorted; null if they are all of the input. */
async function partOf(
  workspace: Workspace,
  input: TableVersion,
  symbols: readonly string[] | undefined,
  effects: Effects,
): Promise<string[] | null> {
  if (symbols === undefined) return null;
  const all = await readSeries(workspace, input, undefined, effects);
  return symbols.length === all.length ? null : symbols.toSorted();
}

/** A forecast that is not published, as the tables would have it. */
function shown(computed: readonly Computed[]): Pick<ForecastResult, "symbols" | "risk"> {
  const rows = computed.map(({ risk }) => risk).filter((own) => own.length > 0);
  return {
    symbols: computed.map(({ facts, forecasts }) => ({ ...facts, forecasts })),
    risk: rows.map((own) => symbolRisk(own.toSorted(inTable), scoreRisk(own))),
  };
}

const inTable = (a: RiskRow, b: RiskRow) =>
  compare(a.cutoff, b.cutoff) || compare(a.model, b.model) || a.steps_ahead - b.steps_ahead;

const compare = (a: string, b: string) => Number(a > b) - Number(a < b);

// What a model of one's own would forecast today is known only when it has: it never counts as unchanged.
function namesOf(models: readonly Forecaster[]): string[] {
  return models.map(({ name, spec }) => (spec === undefined ? `${name} ${randomUUID()}` : name));
}

function refusalOf(series: Series): RefusedSymbol | null {
  try {
    checkSeries(series);
    return null;
  } catch (error) {
    if (!(error instanceof CandlebookError)) throw error;
    return { symbol: series.symbol, code: error.code, reason: error.message, next: error.next };
  }
}

async function compute(
  series: Series,
  models: readonly Forecaster[],
  how: { horizon: number; runner: ForecastRunner },
  effects: Effects,
): Promise<Computed> {
  const evaluation = await backtest(series, models, how, effects);
  const { horizon, runner } = how;
  const days = series.days.length;
  const able = models.filter((model) => model.needs.days <= daysWithData(series));
  const tasks = able.map((model) => ({ model, trainDays: days, horizon }));
  const answers = await runner(series, tasks, { signal: effects.signal });
  const forecasts = answers.filter((answer): answer is Forecast => !(answer instanceof CandlebookError));
  const refusals = answers.flatMap((answer, i) =>
    answer instanceof CandlebookError ? [{ model: able[i].name, reason: answer.message }] : [],
  );
  const known = new Set(evaluation.leftOut.map(({ model }) => model));
  const facts = {
    symbol: series.symbol,
    cutoff: series.days[days - 1],
    days,
    lastClose: series.close[days - 1],
    cutoffs: evaluation.cutoffs,
    scored: evaluation.scored,
    filled: evaluation.filled,
    scores: evaluation.models,
    ceiling: evaluation.ceiling,
    leftOut: [...evaluation.leftOut, ...refusals.filter(({ model }) => !known.has(model))],
  };
  return { forecasts, evaluation, facts, risk: reportedRows(riskRows(series)) };
}
