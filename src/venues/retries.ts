import { MINUTE_MS } from "../time/epoch.ts";
import { type Answer, BrokenRequest, type Network, pauseBefore } from "./http.ts";

const TRIES = 5;

/** A longer delay than this is not waited for: the person decides when to continue. */
export const LONGEST_WAIT_MS = 10 * MINUTE_MS;

/** What one try gave: the result, or why another try may help and how long to wait for it (default: `pauseBefore`). */
export type Try<Result> = { result: Result } | { why: string; waitMs?: number | null };

export interface RetryOptions {
  network: Network;
  signal?: AbortSignal;
  onWait?: (ms: number, why: string) => void;
  /** The error where no try helped. */
  unreachable(why: string, tries: number, cause?: unknown): Error;
}

/** Repeats what failed, but not where the very first request finds no network. */
export class Retries {
  readonly #options: RetryOptions;
  #answered = false;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /**
   * Sends a request up to five times.
   * @param send throws BrokenRequest where a whole answer did not come, and so may `read`
   */
  async run<Result>(
    send: () => Promise<Answer>,
    read: (answer: Answer) => Promise<Try<Result>>,
  ): Promise<Result> {
    const { network, signal, onWait, unreachable } = this.#options;
    for (let tries = 1; ; tries += 1) {
      const pauseMs = pauseBefore(tries, network);
      const came = await this.#try(send, read);
      if ("result" in came) return came.result;
      if (tries === TRIES || (came.offline && !this.#answered)) {
        throw unreachable(came.why, tries, came.cause);
      }
      const waitMs = came.waitMs ?? pauseMs;
      if (waitMs > LONGEST_WAIT_MS) {
        throw unreachable(`${came.why}, try again in ${Math.ceil(waitMs / MINUTE_MS)} minutes`, tries);
      }
      onWait?.(waitMs, came.why);
      await network.wait(waitMs, signal);
    }
  }

  async #try<Result>(
    send: () => Promise<Answer>,
    read: (answer: Answer) => Promise<Try<Result>>,
  ): Promise<Try<Result> & { offline?: boolean; cause?: unknown }> {
    try {
      const answer = await send();
      this.#answered = true;
      return await read(answer);
    } catch (error) {
      if (!(error instanceof BrokenRequest)) throw error;
      return { why: error.what, offline: error.offline, cause: error };
    }
  }
}
