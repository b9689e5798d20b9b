import type { Progress } from "./progress.ts";

/** What every stage accepts beside its own options: a listener for its progress, and a signal that stops it. */
export interface Effects {
  progress?: Progress;
  signal?: AbortSignal;
}
