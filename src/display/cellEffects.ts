import { setImmediate } from "node:timers";
import type { Effects } from "../core/effects.ts";
import { progressBar } from "./progressBar.ts";

let current = new AbortController();
// Not while the cell's own script runs: tslab runs it with `breakOnSigint`, and when that ends it puts back the signal
// handler from before. A listener that was added meanwhile is never called, and the interrupt ends the kernel.
let listening = false;

/**
 * The effects of a stage that a cell runs: a progress bar below the cell, and the signal of an interrupt. JupyterLab's
 * stop button reaches the kernel as SIGINT; the stage then ends at its next safe point and leaves its tables as they
 * were. (Deno's kernel does not pass it on.)
 *
 * ```ts
 * await clean(workspace, {}, cellEffects());
 * ```
 */
export function cellEffects(): Required<Effects> {
  if (!listening) setImmediate(() => process.on("SIGINT", () => current.abort()));
  listening = true;
  current = new AbortController();
  return { progress: progressBar(), signal: current.signal };
}
