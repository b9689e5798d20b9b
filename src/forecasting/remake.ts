import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Forecast, Forecaster, ForecastStep } from "../forecast/forecaster.ts";
import { forecasterOf, MODEL_NAMES, MODELS_VERSION } from "../forecast/registry.ts";
import type { ForecastRunner } from "../forecast/runner.ts";
import { onWorkers } from "../forecast/workerPool.ts";
import { type KnownVersion, listVersions } from "../lake/history/versions.ts";
import { type DiaryEntry, diaryEntries } from "./diaryEntries.ts";
import { type FoundDays, findSeenDays, type SeenDays } from "./seenDays.ts";

/** An entry of the diary that was made again. */
export interface Remade {
  entry: DiaryEntry;
  /** The version of `forecast_input` with its days; null where the entry was refused. */
  version: string | null;
  /** The forecast made again; empty where it was refused. */
  steps: readonly ForecastStep[];
  /** Whether every number is the same, bit for bit. */
  equal: boolean;
  /** The largest relative difference of a number, 0 where equal. */
  difference: number;
  /** Why it can't be made again; null where it was. */
  refused: CandlebookError | null;
}

/**
 * Makes forecasts of the diary again, from the days that they saw, and compares them with what was published.
 * Nothing is published.
 * @param id @see diaryEntries
 * @param own models of one's own, by which entries of their names are made
 * @throws CandlebookError `unknown_entry` (exit 2); `damaged_diary`, `damaged_history` (exit 1)
 */
export async function remakeForecasts(
  workspace: Workspace,
  { id, own = [] }: { id: string; own?: readonly Forecaster[] },
  effects: Effects = {},
): Promise<Remade[]> {
  const entries = await diaryEntries(workspace, id, effects);
  const models = entries.map((entry) => modelOf(entry, own));
  const able = entries.flatMap(({ symbol, cutoff, dataHash, ...entry }, i): Task[] => {
    const model = models[i];
    const days = { symbol, cutoff, dataHash };
    return model instanceof CandlebookError ? [] : [{ ...days, model, entry: { ...days, ...entry } }];
  });
  const versions = await inputVersions(workspace, able);
  const runner = onWorkers(workspace.resources.threads);
  const remade = new Map<string, Remade>();
  for await (const found of findSeenDays(workspace, versions, able, effects)) {
    for (const one of await remakeFound(found, runner, effects)) remade.set(one.entry.id, one);
    const note = `${remade.size} of ${able.length} entries made again`;
    effects.progress?.({ stage: "forecast", note, done: remade.size, total: able.length });
  }
  return entries.map((entry, i) => {
    const model = models[i];
    return remade.get(entry.id) ?? refusal(entry, model instanceof CandlebookError ? model : notKept(entry));
  });
}

/** An entry whose model is known. */
type Task = SeenDays & { entry: DiaryEntry; model: Forecaster };

function modelOf(
  { id, model, modelsVersion }: DiaryEntry,
  own: readonly Forecaster[],
): Forecaster | CandlebookError {
  const mine = own.find(({ name }) => name === model);
  if (mine !== undefined) return mine;
  if (!MODEL_NAMES.includes(model)) {
    const found = `${id} was made by the model ${model}, which is not among the shipped ones.`;
    return inputError("unknown_model", found, "Name its file: --model FILE.");
  }
  if (modelsVersion === null || modelsVersion === MODELS_VERSION) return forecasterOf({ name: model });
  return inputError(
    "other_models",
    `${id} was made by version ${modelsVersion} of the models; this candlebook has version ${MODELS_VERSION}.`,
    "Use the candlebook of that time: npm install candlebook@VERSION.",
  );
}

/**
 * The versions of the models' input in the order in which to look for the entries' days: from the one that was
 * published when the first entry was, which has exactly its numbers.
 */
async function inputVersions(workspace: Workspace, tasks: readonly Task[]): Promise<KnownVersion[]> {
  const versions = await listVersions(workspace, "forecast_input").catch(noneWhereUnpublished);
  const first = tasks.map(({ entry }) => entry.published).sort()[0] ?? "";
  const before = versions.findLast(({ at }) => at <= first);
  const start = versions.findIndex(({ at }) => at === before?.at);
  return start <= 0 ? versions : [...versions.slice(start), ...versions.slice(0, start)];
}

// An earlier candlebook published no such table.
function noneWhereUnpublished(error: unknown): KnownVersion[] {
  if (error instanceof CandlebookError && error.code === "unknown_table") return [];
  throw error;
}

async function remakeFound(
  { version, series, found }: FoundDays<Task>,
  runner: ForecastRunner,
  effects: Effects,
): Promise<Remade[]> {
  const tasks = found.map(({ model, count, entry }) => ({
    model,
    trainDays: count,
    horizon: entry.steps.length,
  }));
  const answers = await runner(series, tasks, { signal: effects.signal });
  return found.map(({ entry }, i) => compared(entry, version.id, answers[i]));
}

function compared(entry: DiaryEntry, version: string, answer: Forecast | CandlebookError): Remade {
  if (answer instanceof CandlebookError) return refusal(entry, answer);
  const { steps } = answer;
  const [was, is] = [entry.steps, steps].map((all) =>
    all.flatMap(({ yhat, quantiles }) => [yhat, ...quantiles]),
  );
  const difference = Math.max(...was.map((value, i) => Math.abs(is[i] - value) / Math.abs(value)));
  return {
    ...{ entry, version, steps, difference, refused: null },
    equal: was.every((value, i) => Object.is(value, is[i])),
  };
}

function refusal(entry: DiaryEntry, refused: CandlebookError): Remade {
  return { entry, version: null, steps: [], equal: false, difference: Number.NaN, refused };
}

function notKept({ id, dataHash }: DiaryEntry): CandlebookError {
  return inputError(
    "data_not_kept",
    `The days that ${id} was made from (hash ${dataHash.slice(0, 12)}…) are in no version of forecast_input that is kept.`,
    "They were pruned, or published before candlebook kept versions: candlebook history forecast_input.",
  );
}
