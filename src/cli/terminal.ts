import { monotonicClock } from "../core/machine.ts";
import type { Progress, ProgressEvent } from "../core/progress.ts";

/** The output for results and remarks; a test passes its own. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal on which a line can be rewritten. */
  live: boolean;
}

export const systemTerminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  live: process.stderr.isTTY === true,
};

/** A progress listener, with a function that clears its line before other output. */
export interface ProgressPrinter {
  progress: Progress;
  clear(): void;
}

const MIN_PAUSE_MS = 1_000;

export const NO_PROGRESS: ProgressPrinter = { progress: () => {}, clear: () => {} };

/**
 * Progress on stderr: one line rewritten in place on a terminal; elsewhere a plain line for each stage and at
 * most one a second after it.
 */
export function progressPrinter(terminal: Terminal, clock = monotonicClock): ProgressPrinter {
  let last = { stage: "", at: Number.NEGATIVE_INFINITY };
  const progress = (event: ProgressEvent) => {
    const at = clock();
    if (terminal.live) terminal.err(`\r\x1b[2K${describe(event)}`);
    else if (event.stage !== last.stage || at - last.at >= MIN_PAUSE_MS) terminal.err(`${describe(event)}\n`);
    else return;
    last = { stage: event.stage, at };
  };
  return { progress, clear: () => terminal.live && terminal.err("\r\x1b[2K") };
}

function describe({ stage, note, done, total }: ProgressEvent): string {
  // What is being worked on is not done: the line is cleared, or the next stage named, at the end.
  const share = done !== undefined && total ? `${Math.min(99, Math.floor((100 * done) / total))} % ` : "";
  return `${stage}: ${share}${printable(note)}`;
}

/** Text that can't move the cursor or colour the terminal: control characters become `?`. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
