import type { Progress } from "./progress.ts";

/** What every stage takes beside its own options: who listens, and who may stop it. */
export interface Effects {
  progress?: Progress;
  signal?: AbortSignal;
}
