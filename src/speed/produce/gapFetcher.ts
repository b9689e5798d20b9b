import type { Effects } from "../../core/effects.ts";
import { CandlebookError } from "../../core/errors.ts";
import { MINUTE_MS, toIso } from "../../time/epoch.ts";
import type { Exchange, MinuteSpan } from "../exchange.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import type { GapRepair } from "./gapRepair.ts";

export interface GapFetcherOptions {
  exchange: Exchange;
  /** Observes the end of fetched minutes, too. */
  clock: ExchangeClock;
  effects: Effects;
  /** Called with an error that a retry can't fix. */
  fail(error: unknown): void;
}

type Repair = Pick<GapRepair, "symbol" | "owed" | "repaired" | "unrepaired">;

/** Fetches the minutes that the stream missed over REST. */
export class GapFetcher {
  readonly #options: GapFetcherOptions;
  readonly #pending = new Map<MinuteSpan, Promise<void>>();
  readonly #fetched = new Map<string, number>();

  constructor(options: GapFetcherOptions) {
    this.#options = options;
  }

  /** Requests minutes; the repair receives the answer, or that there is none. */
  request(repair: Repair, span: MinuteSpan): void {
    const answer = this.#fetch(repair, span).finally(() => this.#pending.delete(span));
    this.#pending.set(span, answer);
  }

  /** Requests once more what the repair owes, except for pending requests. */
  retry(repair: Repair): void {
    for (const span of repair.owed) if (!this.#pending.has(span)) this.request(repair, span);
  }

  get pending(): boolean {
    return this.#pending.size > 0;
  }

  /** Resolves when the requests that are pending now are answered. */
  async answered(): Promise<void> {
    await Promise.all(this.#pending.values());
  }

  /** How many minutes of a symbol were fetched. */
  minutesOf(symbol: string): number {
    return this.#fetched.get(symbol) ?? 0;
  }

  /** How many minutes were fetched. */
  get minutes(): number {
    return [...this.#fetched.values()].reduce((sum, minutes) => sum + minutes, 0);
  }

  async #fetch(repair: Repair, span: MinuteSpan): Promise<void> {
    const { exchange, clock, effects, fail } = this.#options;
    const { symbol } = repair;
    try {
      const candles = await exchange.minutes(symbol, span, effects.signal);
      for (const { openTime } of candles) clock.passed(openTime + MINUTE_MS);
      this.#fetched.set(symbol, this.minutesOf(symbol) + repair.repaired(span, candles));
    } catch (error) {
      if (!(error instanceof CandlebookError) || error.exit === 2) return fail(error);
      repair.unrepaired(span);
      const note = `${symbol}: missed minutes since ${toIso(span.from)} can't be fetched yet: ${error.message}`;
      effects.progress?.({ stage: "produce", note });
    }
  }
}
