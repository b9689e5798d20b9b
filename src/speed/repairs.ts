import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { MINUTE_MS, toIso } from "../time/epoch.ts";
import type { MinuteSpan } from "./dayWindow.ts";
import type { Exchange } from "./exchange.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import type { Feed } from "./feed.ts";

export interface RepairOptions {
  exchange: Exchange;
  /** Learns the exchange's time from the minutes, too. */
  clock: ExchangeClock;
  effects: Effects;
  /** Told of what waiting can't mend. */
  fail(error: unknown): void;
}

/** The minutes that the stream did not bring, fetched over REST. */
export interface Repairs {
  /** Asks for minutes; the feed gets the answer, or is told that nobody answers. */
  ask(feed: Feed, span: MinuteSpan): void;
  /** Asks once more for what the feed owes, but for what is being asked already. */
  askAgain(feed: Feed): void;
  /** Whether an answer is still to come. */
  readonly asking: boolean;
  /** Resolves when the questions of now are answered. */
  answered(): Promise<void>;
  /** Minutes that REST brought, of a symbol. */
  minutesOf(symbol: string): number;
  /** Minutes that REST brought. */
  readonly minutes: number;
}

/** Nothing is asked until a feed asks. */
export function openRepairs({ exchange, clock, effects, fail }: RepairOptions): Repairs {
  const open = new Map<MinuteSpan, Promise<void>>();
  const brought = new Map<string, number>();

  const fetchMinutes = async (feed: Feed, span: MinuteSpan): Promise<void> => {
    const { symbol } = feed;
    try {
      const candles = await exchange.minutes(symbol, span, effects.signal);
      for (const { openTime } of candles) clock.passed(openTime + MINUTE_MS);
      brought.set(symbol, (brought.get(symbol) ?? 0) + feed.repaired(span, candles));
    } catch (error) {
      if (!(error instanceof CandlebookError) || error.exit === 2) return fail(error);
      feed.unrepaired(span);
      const note = `${symbol}: missed minutes since ${toIso(span.from)} can't be fetched yet: ${error.message}`;
      effects.progress?.({ stage: "produce", note });
    }
  };
  const ask = (feed: Feed, span: MinuteSpan) => {
    const answer = fetchMinutes(feed, span).finally(() => open.delete(span));
    open.set(span, answer);
  };
  return {
    ask,
    askAgain: (feed) => {
      for (const span of feed.owed) if (!open.has(span)) ask(feed, span);
    },
    get asking() {
      return open.size > 0;
    },
    answered: async () => {
      await Promise.all(open.values());
    },
    minutesOf: (symbol) => brought.get(symbol) ?? 0,
    get minutes() {
      return [...brought.values()].reduce((sum, minutes) => sum + minutes, 0);
    },
  };
}
