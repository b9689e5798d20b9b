import type { Offset, Topic } from "../topic/topic.ts";

/** Tells the broker how far the checkpoint is, for those who watch it there. */
export interface PositionTeller {
  /** Returns at once; while an earlier word is under way only the newest waits. */
  tell(next: readonly Offset[]): void;
  /** Resolves when the last word is told, or after two seconds. */
  settled(): Promise<void>;
}

const LAST_WAIT_MS = 2_000;

/**
 * The checkpoint alone decides where to go on: a broker that does not take the word is not asked why, and nobody
 * waits for it. The same position is told once.
 */
export function openPositionTeller(topic: Topic): PositionTeller {
  let told = "";
  let newest: readonly Offset[] | null = null;
  let telling: Promise<void> | null = null;

  const work = async () => {
    while (newest !== null) {
      const next: readonly Offset[] = newest;
      newest = null;
      try {
        await topic.tellPosition?.(next);
      } catch {
        told = "";
      }
    }
    telling = null;
  };
  return {
    tell: (next) => {
      if (next.join() === told) return;
      told = next.join();
      newest = next;
      telling ??= work();
    },
    settled: async () => {
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((go) => {
        timer = setTimeout(go, LAST_WAIT_MS);
      });
      await Promise.race([telling, tooLong]);
      clearTimeout(timer);
    },
  };
}
