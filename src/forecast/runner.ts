import { setImmediate } from "node:timers/promises";
import { CandlebookError, throwIfAborted } from "../core/errors.ts";
import type { Forecast, Forecaster, Series } from "./forecaster.ts";
import { headOf } from "./series.ts";

/** Fit `model` to the first `trainDays` days and forecast the `horizon` days after them. */
export interface ForecastTask {
  model: Forecaster;
  trainDays: number;
  horizon: number;
}

/**
 * Does the tasks in any order and answers in theirs: a forecast, or the error with which the model refused.
 * Other errors, and the signal's, are thrown.
 */
export type ForecastRunner = (
  series: Series,
  tasks: readonly ForecastTask[],
  effects: { signal?: AbortSignal; onDone?: (task: ForecastTask) => void },
) => Promise<(Forecast | CandlebookError)[]>;

/** Runs the tasks one after the other in this thread; between them the event loop, and so an abort, gets its turn. */
export const inThisThread: ForecastRunner = async (series, tasks, { signal, onDone }) => {
  const answers: (Forecast | CandlebookError)[] = [];
  for (const task of tasks) {
    await setImmediate();
    throwIfAborted(signal);
    answers.push(runTask(series, task));
    onDone?.(task);
  }
  return answers;
};

/** One task. A model's refusal is an answer, so that the others go on without it. */
export function runTask(
  series: Series,
  { model, trainDays, horizon }: ForecastTask,
): Forecast | CandlebookError {
  try {
    return model.fit(headOf(series, trainDays)).predict(horizon);
  } catch (error) {
    if (error instanceof CandlebookError) return error;
    throw error;
  }
}
