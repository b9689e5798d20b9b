import { availableParallelism } from "node:os";
import { CandlebookError } from "../core/errors.ts";
import { onThreads, workerUrl } from "../core/threads.ts";
import type { Forecast, ModelSpec } from "./forecaster.ts";
import { type ForecastRunner, inThisThread } from "./runner.ts";
import type { WorkerAnswer, WorkerTask } from "./worker.ts";

type Answer = Forecast | CandlebookError;

/**
 * Runs the tasks in worker threads, the longest first. The answers are the same bits for any number of workers:
 * each task is independent. Models without a `spec` run in this thread, after the others.
 * @param workers one for each core by default
 */
export function onWorkers(workers: number = availableParallelism()): ForecastRunner {
  return async (series, tasks, effects) => {
    const all = tasks.map((task, index) => ({ ...task, index }));
    const queue = all
      .filter(({ model }) => model.spec !== undefined)
      .sort((a, b) => b.trainDays - a.trainDays || a.index - b.index);
    const found = await onThreads<WorkerTask, WorkerAnswer>(
      workerUrl("worker", import.meta.url),
      queue.map(({ model, trainDays, horizon }) => ({ spec: model.spec as ModelSpec, trainDays, horizon })),
      {
        count: workers,
        workerData: { series },
        signal: effects.signal,
        onDone: (i) => effects.onDone?.(queue[i]),
      },
    );
    const answers = new Map<number, Answer>(found.map((answer, i) => [queue[i].index, answerOf(answer)]));
    const here = all.filter(({ model }) => model.spec === undefined);
    const own = await inThisThread(series, here, effects);
    here.forEach(({ index }, i) => {
      answers.set(index, own[i]);
    });
    return tasks.map((_, index) => answers.get(index) as Answer);
  };
}

const answerOf = (answer: WorkerAnswer): Answer =>
  "refusal" in answer ? new CandlebookError(answer.refusal) : answer.forecast;
