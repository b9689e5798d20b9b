import type { Effects } from "../../core/effects.ts";
import { CandlebookError } from "../../core/errors.ts";
import { type TimeSpan, toIso } from "../../time/epoch.ts";
import { type FixedInterval, intervalMs } from "../../time/interval.ts";
import type { Exchange } from "../exchange.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import type { GapRepair } from "./gapRepair.ts";

export interface GapFetcherOptions {
  exchange: Exchange;
  /** Of the stream's candles. */
  interval: FixedInterval;
  /** Observes the end of fetched candles, too. */
  clock: ExchangeClock;
  effects: Effects;
  /** Called with an error that a retry can't fix. */
  fail(error: unknown): void;
}

type Repair = Pick<GapRepair, "symbol" | "owed" | "repaired" | "unrepaired">;

/** Fetches the candles that the stream missed over REST. */
export class GapFetcher {
  readonly #options: GapFetcherOptions;
  readonly #pending = new Map<TimeSpan, Promise<void>>();
  readonly #fetched = new Map<string, number>();

  constructor(options: GapFetcherOptions) {
    this.#options = options;
  }

  /** Requests candles; the repair receives the answer, or that there is none. */
  request(repair: Repair, span: TimeSpan): void {
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

  /** How many candles of a symbol were fetched. */
  candlesOf(symbol: string): number {
    return this.#fetched.get(symbol) ?? 0;
  }

  /** How many candles were fetched. */
  get candles(): number {
    return [...this.#fetched.values()].reduce((sum, candles) => sum + candles, 0);
  }

  async #fetch(repair: Repair, span: TimeSpan): Promise<void> {
    const { exchange, interval, clock, effects, fail } = this.#options;
    const { symbol } = repair;
    try {
      const candles = await exchange.candles({ symbol, interval }, span, effects.signal);
      for (const { openTime } of candles) clock.passed(openTime + intervalMs(interval));
      this.#fetched.set(symbol, this.candlesOf(symbol) + repair.repaired(span, candles));
    } catch (error) {
      if (!(error instanceof CandlebookError) || error.exit === 2) return fail(error);
      repair.unrepaired(span);
      const note = `${symbol}: missed candles since ${toIso(span.from)} can't be fetched yet: ${error.message}`;
      effects.progress?.({ stage: "produce", note });
    }
  }
}
