import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { CandlebookError, interrupted, throwIfAborted } from "../core/errors.ts";
import type { Forecast, ModelSpec, Series } from "./forecaster.ts";
import { type ForecastRunner, type ForecastTask, inThisThread } from "./runner.ts";
import type { WorkerAnswer, WorkerTask } from "./worker.ts";

type Answer = Forecast | CandlebookError;
type Effects = Parameters<ForecastRunner>[2];

// The same code runs from src, whose types Node strips, and compiled, from dist.
const WORKER = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

/**
 * Runs the tasks in worker threads, the longest first. The answers are the same bits for any number of workers:
 * each task stands alone. Models without a `spec` run in this thread, after the others.
 * @param workers one for each core by default
 */
export function onWorkers(workers: number = availableParallelism()): ForecastRunner {
  return async (series, tasks, effects) => {
    const all = tasks.map((task, index) => ({ ...task, index }));
    const queue = all
      .filter(({ model }) => model.spec !== undefined)
      .sort((a, b) => b.trainDays - a.trainDays || a.index - b.index);
    const count = Math.min(workers, queue.length);
    const answers = await drain(series, queue, count, effects);
    const here = all.filter(({ model }) => model.spec === undefined);
    const own = await inThisThread(series, here, effects);
    here.forEach(({ index }, i) => {
      answers.set(index, own[i]);
    });
    return tasks.map((_, index) => answers.get(index) as Answer);
  };
}

async function drain(
  series: Series,
  queue: readonly (ForecastTask & { index: number })[],
  count: number,
  { signal, onDone }: Effects,
): Promise<Map<number, Answer>> {
  const answers = new Map<number, Answer>();
  if (count === 0) return answers;
  throwIfAborted(signal);
  const pool = Array.from({ length: count }, () => new Worker(WORKER, { workerData: { series } }));
  const done = Promise.withResolvers<void>();
  const stop = () => done.reject(interrupted());
  signal?.addEventListener("abort", stop, { once: true });
  let next = 0;
  let left = queue.length;
  const give = (worker: Worker) => {
    if (next === queue.length) return;
    const { index, model, trainDays, horizon } = queue[next];
    next += 1;
    worker.postMessage({ index, spec: model.spec as ModelSpec, trainDays, horizon } satisfies WorkerTask);
  };
  const byIndex = new Map(queue.map((task) => [task.index, task]));
  for (const worker of pool) {
    worker.on("error", done.reject);
    worker.on("message", (answer: WorkerAnswer) => {
      answers.set(answer.index, "refusal" in answer ? new CandlebookError(answer.refusal) : answer.forecast);
      onDone?.(byIndex.get(answer.index) as ForecastTask);
      left -= 1;
      if (left === 0) done.resolve();
      else give(worker);
    });
    give(worker);
    give(worker); // one in hand while the answer travels
  }
  try {
    await done.promise;
    return answers;
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.all(pool.map((worker) => worker.terminate()));
  }
}
