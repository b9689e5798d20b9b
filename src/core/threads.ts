import { parentPort, Worker } from "node:worker_threads";
import { interrupted, throwIfAborted } from "./errors.ts";

/** What a thread may be given besides its tasks, and when it ends. */
export interface ThreadOptions {
  /** Number of threads. */
  count: number;
  /** The worker's `workerData`. */
  workerData?: unknown;
  signal?: AbortSignal;
  /** Called with the index of each task that is done. */
  onDone?: (index: number) => void;
}

/** The file of a worker beside the one that starts it: the same code runs from src, whose types Node strips, and compiled, from dist. */
export const workerUrl = (name: string, starter: string): URL =>
  new URL(`./${name}${starter.endsWith(".ts") ? ".ts" : ".js"}`, starter);

/**
 * Runs tasks in worker threads, in their order.
 * @param worker a file that calls `answerTasks`
 * @returns the answers, in the order of the tasks
 * @throws CandlebookError `interrupted` on an abort, and what a task threw; the threads have ended
 */
export async function onThreads<Task, Answer>(
  worker: URL,
  tasks: readonly Task[],
  { count, workerData, signal, onDone }: ThreadOptions,
): Promise<Answer[]> {
  throwIfAborted(signal);
  if (tasks.length === 0) return [];
  const threads = Math.min(count, tasks.length);
  const pool = Array.from({ length: threads }, () => new Worker(worker, { workerData }));
  const answers: Answer[] = [];
  const done = Promise.withResolvers<void>();
  const stop = () => done.reject(interrupted());
  signal?.addEventListener("abort", stop, { once: true });
  let next = 0;
  let left = tasks.length;
  const give = (thread: Worker) => {
    if (next === tasks.length) return;
    thread.postMessage({ index: next, task: tasks[next] });
    next += 1;
  };
  for (const thread of pool) {
    thread.on("error", done.reject);
    thread.on("message", ({ index, answer }: { index: number; answer: Answer }) => {
      answers[index] = answer;
      onDone?.(index);
      left -= 1;
      if (left === 0) done.resolve();
      else give(thread);
    });
    give(thread);
    give(thread); // one in hand while the answer travels
  }
  try {
    await done.promise;
    return answers;
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.all(pool.map((thread) => thread.terminate()));
  }
}

/** In a worker: answers each task of `onThreads`. */
export function answerTasks<Task, Answer>(work: (task: Task) => Answer | Promise<Answer>): void {
  parentPort?.on("message", async ({ index, task }: { index: number; task: Task }) => {
    parentPort?.postMessage({ index, answer: await work(task) });
  });
}
