import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CandlebookError } from "../core/errors.ts";
import { keepNewest, sha256OfText, sha256OfValue, writeFileWhole } from "../core/files.ts";
import { CODE_VERSION } from "../core/version.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { Forecast, Series } from "../forecast/forecaster.ts";
import { MODELS_VERSION } from "../forecast/registry.ts";
import type { ForecastRunner, ForecastTask } from "../forecast/runner.ts";
import { dataHash } from "./inputSeries.ts";

/** So many answers are kept, the newest; each is a model's whole backtest of one symbol. */
const KEPT = 64;

/**
 * A runner that remembers: forecasts of the same model and options from the same days are read back instead of made
 * again. A file that is damaged, or cut short, counts as none. Refusals, and models that hold functions, are not kept.
 */
export function remembering(workspace: Workspace, runner: ForecastRunner): ForecastRunner {
  const folder = inWorkspace(workspace, "data", ".forecasts");
  return async (series, tasks, effects) => {
    const answers = new Map<ForecastTask, Forecast | CandlebookError>();
    const missing: ForecastTask[][] = [];
    for (const own of Map.groupBy(tasks, ({ model }) => model).values()) {
      const known = await recall(pathOf(folder, series, own));
      if (known === null) missing.push(own);
      else {
        own.forEach((task, i) => {
          answers.set(task, known[i]);
          effects.onDone?.(task);
        });
      }
    }
    const left = missing.flat();
    const made = await runner(series, left, effects);
    left.forEach((task, i) => {
      answers.set(task, made[i]);
    });
    for (const own of missing) {
      await keep(
        pathOf(folder, series, own),
        own.map((task) => answers.get(task)),
      );
    }
    if (missing.length > 0) await keepNewest(folder, "", KEPT);
    return tasks.map((task) => answers.get(task) as Forecast | CandlebookError);
  };
}

/** @returns null for a model that holds functions */
function pathOf(folder: string, series: Series, tasks: readonly ForecastTask[]): string | null {
  const { spec } = tasks[0].model;
  if (spec === undefined) return null;
  const plan = tasks.map(({ trainDays, horizon }) => [trainDays, horizon]);
  const seen = Math.max(...tasks.map(({ trainDays }) => trainDays));
  const key = sha256OfValue({ CODE_VERSION, MODELS_VERSION, spec, plan, data: dataHash(series, seen) });
  return join(folder, `${key}.json`);
}

async function recall(path: string | null): Promise<Forecast[] | null> {
  if (path === null) return null;
  const text = await readFile(path, "utf8").catch(() => "");
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  if (end < 0 || sha256OfText(body) !== text.slice(0, end)) return null;
  const forecasts = JSON.parse(body) as Forecast[];
  for (const step of forecasts.flatMap(({ steps }) => steps))
    step.quantiles = Float64Array.from(step.quantiles);
  return forecasts;
}

async function keep(path: string | null, answers: readonly unknown[]): Promise<void> {
  if (path === null || answers.some((answer) => answer instanceof CandlebookError)) return;
  const body = JSON.stringify(answers, (_key, value) =>
    value instanceof Float64Array ? Array.from(value) : value,
  );
  await writeFileWhole(path, `${sha256OfText(body)}\n${body}`);
}
