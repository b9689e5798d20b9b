import { join } from "node:path";

/** Tells the present instant in milliseconds since 1970 UTC; logic asks this, never the machine. */
export type Clock = () => number;

/** What a stage may use of the machine. */
export interface Resources {
  threads: number;
  /** Upper limit of the engine's buffers, as the engine spells it: `2GB`. */
  memory: string;
}

/** A folder that holds everything of one market: raw files, tables, report. Two workspaces share nothing. */
export interface Workspace {
  /** Absolute path; never written into an output. */
  root: string;
  clock: Clock;
  resources: Resources;
}

/** An absolute path inside the workspace. */
export function inWorkspace(workspace: Workspace, ...parts: string[]): string {
  return join(workspace.root, ...parts);
}
