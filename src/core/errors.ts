/** Who has to act: 1 we failed, 2 wrong use or unusable input, 3 the outside refused, 130 interrupted. */
export type ExitCode = 1 | 2 | 3 | 130;

export interface ErrorFacts {
  /** Stable, snake_case; programs branch on it. */
  code: string;
  /** What was found, what was expected, and where. */
  message: string;
  /** What the person does next. */
  next: string;
  exit: ExitCode;
  cause?: unknown;
}

/** The one error type that reaches a user: a sentence, and what to do next. */
export class CandlebookError extends Error {
  readonly code: string;
  readonly next: string;
  readonly exit: ExitCode;

  constructor(facts: ErrorFacts) {
    super(facts.message, { cause: facts.cause });
    this.name = "CandlebookError";
    this.code = facts.code;
    this.next = facts.next;
    this.exit = facts.exit;
  }

  /** The same failure in other words. */
  reworded({ message = this.message, next = this.next }: Partial<ErrorFacts>): CandlebookError {
    const { code, exit, cause = this } = this;
    return new CandlebookError({ code, message, next, exit, cause });
  }

  /** What a kernel or a console shows: the sentence and what to do, without a stack of ours. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `${this.name}: ${this.message}\n  ${this.next}`;
  }
}

/** Wrong use or unusable input (exit 2). */
export function inputError(code: string, message: string, next: string, cause?: unknown): CandlebookError {
  return new CandlebookError({ code, message, next, exit: 2, cause });
}

/** Our own failure, or the machine's: disk, memory, a damaged table (exit 1). */
export function failure(code: string, message: string, next: string, cause?: unknown): CandlebookError {
  return new CandlebookError({ code, message, next, exit: 1, cause });
}

/** The outside refused or can't be reached (exit 3). */
export function outsideError(code: string, message: string, next: string, cause?: unknown): CandlebookError {
  return new CandlebookError({ code, message, next, exit: 3, cause });
}

/** @throws CandlebookError `interrupted` (exit 130) when the signal was aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw interrupted();
}

/** What a stage throws when its signal is aborted; the published tables are as they were. */
export function interrupted(): CandlebookError {
  return new CandlebookError({
    code: "interrupted",
    message: "Interrupted. The published tables are as they were before this stage.",
    next: "Run the same command again: it continues where it stopped.",
    exit: 130,
  });
}
