import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Lake, withLake } from "./session.ts";

/** Connections of one engine, handed out in turn. */
export interface LakePool {
  /** One more than threads: while one connection waits for what to do next, the others keep all cores at work. */
  size: number;
  /** Waits until a connection is free, and gives it back afterwards, whatever happens. */
  use<Result>(work: (lake: Lake) => Promise<Result>): Promise<Result>;
}

/**
 * Work on several connections of one engine side by side: each gets its own piece to parse. The engine itself takes one
 * thread for each: a query that shares its work out spins while it waits, a seventh of all processor time.
 */
export async function withLakePool<Result>(
  workspace: Workspace,
  effects: Effects,
  work: (pool: LakePool) => Promise<Result>,
): Promise<Result> {
  const size = workspace.resources.threads + 1;
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
