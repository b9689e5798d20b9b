import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { keepNewest, makeFolder } from "../core/files.ts";
import type { ProgressEvent } from "../core/progress.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";

/** Number of logs that are kept: about three months of nightly runs. */
const KEPT = 100;
/** Minimum milliseconds between two lines of one stage. */
const PAUSE_MS = 1_000;

/** The messages of a run, line by line in a file, so that they are kept if the run is killed. */
export interface RunLog {
  /** The listeners of the run: events are logged, and passed on. */
  effects: Effects;
  /**
   * Creates the file in the workspace of the run, with the lines so far.
   * @returns its path, relative to the workspace
   */
  open(workspace: Workspace): Promise<string>;
  /** Adds a line: a result, or the reason of a failure. */
  add(text: string): void;
}

/**
 * @param command names the file
 * @param elapsed milliseconds since the start, for the lines; the workspace's clock may be fixed
 */
export function openLog(command: string, effects: Effects, elapsed: () => number): RunLog {
  const early: string[] = [];
  let write = (line: string): void => void early.push(line);
  let last = { stage: "", at: Number.NEGATIVE_INFINITY };
  const add = (text: string) => {
    // One line each, without control characters.
    write(`${(elapsed() / 1000).toFixed(1).padStart(8)} s  ${text.replace(/\p{Cc}/gu, "?")}`);
  };
  const progress = (event: ProgressEvent) => {
    effects.progress?.(event);
    if (event.stage === last.stage && elapsed() - last.at < PAUSE_MS) return;
    last = { stage: event.stage, at: elapsed() };
    const count = event.total === undefined ? "" : ` (${event.done ?? 0} of ${event.total})`;
    add(`${event.stage}: ${event.note}${count}`);
  };
  return {
    effects: { ...effects, progress },
    add,
    open: async (workspace) => {
      const folder = inWorkspace(workspace, "data", "logs");
      const at = toIso(workspace.clock() as EpochMs).replace(/[-:.]/g, "");
      const name = `${at}-${command}-${randomUUID().slice(0, 8)}.log`;
      makeFolder(folder);
      await writeFile(join(folder, name), "");
      write = (line) => {
        try {
          appendFileSync(join(folder, name), `${line.replaceAll(workspace.root, ".")}\n`);
        } catch {
          // A full disk is reported by the stage that writes a table; a line of the log must not end the run.
        }
      };
      for (const line of early) write(line);
      await keepNewest(folder, ".log", KEPT);
      return `data/logs/${name}`;
    },
  };
}
