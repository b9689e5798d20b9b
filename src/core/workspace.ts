import { join } from "node:path";

/** Returns the present instant in milliseconds since 1970 UTC; logic reads this, never the machine. */
export type Clock = () => number;

/** What a stage may use of the machine. */
export interface Resources {
  threads: number;
  /** Upper limit of the engine's buffers, as the engine spells it: `2GB`. */
  memory: string;
}

/** A market whose prices a workspace may hold: the real one, or a made-up one with its seed and its own present. */
export type MarketClaim =
  | { schema: 1; market: "real" }
  | {
      schema: 1;
      market: "simulated";
      seed: number;
      /** The simulated market's own present, milliseconds since 1970 UTC. */
      now: number;
    };

/** A folder that holds everything of one market: raw files, tables, report. Two workspaces share nothing. */
export interface Workspace {
  /** Absolute path; never written into an output. */
  root: string;
  clock: Clock;
  resources: Resources;
  /** What an empty workspace becomes with its first rows; `forMarket` sets it. */
  market?: MarketClaim;
}

/** An absolute path inside the workspace. */
export function inWorkspace(workspace: Pick<Workspace, "root">, ...parts: string[]): string {
  return join(workspace.root, ...parts);
}
