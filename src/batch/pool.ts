import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Lake, withLake } from "../lake/session.ts";

/** Connections of one engine, as many as threads, handed out in turn. */
export interface LakePool {
  size: number;
  /** Waits until a connection is free, and gives it back afterwards, whatever happens. */
  use<Result>(work: (lake: Lake) => Promise<Result>): Promise<Result>;
}

/**
 * Work on several connections of one engine side by side: each gets its own piece to parse. The engine itself takes
 * no more threads than they are: a query that shares its work out spins while it waits, a seventh of all processor time.
 */
export async function withLakePool<Result>(
  workspace: Workspace,
  effects: Effects,
  work: (pool: LakePool) => Promise<Result>,
): Promise<Result> {
  const size = workspace.resources.threads;
  const single = { ...workspace, resources: { ...workspace.resources, threads: 1 } };
  return withLake(single, effects, async (first) => {
    const lakes = await Promise.all(Array.from({ length: size }, () => first.fork()));
    const free = [...lakes];
    const waiting: (() => void)[] = [];
    const use = async <Value>(task: (lake: Lake) => Promise<Value>): Promise<Value> => {
      while (free.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const lake = free.pop() as Lake;
      try {
        return await task(lake);
      } finally {
        free.push(lake);
        waiting.shift()?.();
      }
    };
    try {
      return await work({ size, use });
    } finally {
      for (const lake of lakes) lake.close();
    }
  });
}

/**
 * Runs tasks side by side, at most `limit` at a time, taking the next from a source only when there is room.
 * After a failure no new one starts; the first error is thrown when all that run have ended.
 */
export async function runLimited<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const errors: unknown[] = [];
  for await (const item of items) {
    const job = task(item)
      .catch((error) => {
        errors.push(error);
      })
      .finally(() => running.delete(job));
    running.add(job);
    if (running.size >= limit) await Promise.race(running);
    if (errors.length > 0) break;
  }
  await Promise.all(running);
  if (errors.length > 0) throw errors[0];
}
