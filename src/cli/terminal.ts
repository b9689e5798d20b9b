import { inputError } from "../core/errors.ts";
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
 * Progress on stderr: one line rewritten in place on a terminal, with the time since the last news; elsewhere a plain
 * line for each stage and at most one a second after it.
 */
export function progressPrinter(terminal: Terminal, clock = monotonicClock): ProgressPrinter {
  // Stages may run side by side.
  const printed = new Map<string, number>();
  let last: { event: ProgressEvent; at: number } | null = null;
  let timer: NodeJS.Timeout | undefined;
  const rewrite = () => {
    if (last === null) return;
    const seconds = Math.floor((clock() - last.at) / 1000);
    const waited = seconds < 2 ? "" : `, ${seconds} s`;
    terminal.err(`\r\x1b[2K${describe(last.event)}${waited}`);
  };
  const progress = (event: ProgressEvent) => {
    const at = clock();
    if (terminal.live) {
      last = { event, at };
      timer ??= setInterval(rewrite, MIN_PAUSE_MS).unref();
      rewrite();
    } else if (at - (printed.get(event.stage) ?? Number.NEGATIVE_INFINITY) >= MIN_PAUSE_MS) {
      printed.set(event.stage, at);
      terminal.err(`${describe(event)}\n`);
    }
  };
  const clear = () => {
    clearInterval(timer);
    timer = undefined;
    if (terminal.live) terminal.err("\r\x1b[2K");
  };
  return { progress, clear };
}

function describe({ stage, note, done, total }: ProgressEvent): string {
  // What is being worked on is not done: the line is cleared, or the next stage named, at the end.
  const share = done !== undefined && total ? `${Math.min(99, Math.floor((100 * done) / total))} % ` : "";
  return `${stage}: ${share}${printable(note)}`;
}

/** The refusal (`bad_option`, exit 2) of an option's value. @param name of the option as it is typed */
export function badValue(name: string, text: string, expected: string, next = "See --help."): Error {
  return inputError("bad_option", `${name} is "${printable(text)}"; expected ${expected}.`, next);
}

/** Text that can't move the cursor or colour the terminal: control characters become `?`. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
