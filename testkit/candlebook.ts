import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";

export const PROJECT = resolve(import.meta.dirname, "..");

export interface Finished {
  out: string;
  err: string;
  /** The exit code, or null where a signal ended it. */
  exit: number | null;
}

/** A command line in a process of its own, as a person would type it. */
export function startCandlebook(words: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(PROJECT, "bin/candlebook.mjs"), ...words], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (part) => {
    said.out += part;
  });
  child.stderr.on("data", (part) => {
    said.err += part;
  });
  const finished: Promise<Finished> = once(child, "close").then(([exit]) => ({ ...said, exit }));
  return { child, finished };
}

/** Runs a command line to its end. */
export function candlebook(words: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return startCandlebook(words, env).finished;
}
