import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Lake, withLake } from "./session.ts";

/** A pool of connections of one engine. */
export interface LakePool {
  size: number;
  /** Waits until a connection is free, and always returns it afterwards. */
  use<Result>(work: (lake: Lake) => Promise<Result>): Promise<Result>;
}

/**
 * Runs work on several connections of one engine in parallel: each parses its own piece. A query runs on one thread:
 * a query on several threads spins while it waits, a seventh of all processor time. There is one connection more than
 * threads, so that no core is idle while a connection waits for its next statement; with one thread there is one
 * connection.
 */
export async function withLakePool<Result>(
  workspace: Workspace,
  effects: Effects,
  work: (pool: LakePool) => Promise<Result>,
): Promise<Result> {
  const { threads } = workspace.resources;
  const size = threads === 1 ? 1 : threads + 1;
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
