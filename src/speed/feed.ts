import type { Candle } from "../candle/candle.ts";
import { type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import type { Message } from "../topic/message.ts";
import type { MinuteSpan } from "./dayWindow.ts";

export interface FeedOptions {
  symbol: string;
  /** Open time of the last final minute that the topic has; null where it has none. */
  lastFinal: EpochMs | null;
  /** Whether missing minutes can be asked for. */
  repairs: boolean;
  /** Passes messages on, in order. */
  pass(messages: readonly Message[]): void;
  /** Asks for minutes; the answer goes to `repaired`, a refusal to `unrepaired`. */
  ask(span: MinuteSpan): void;
  toMessage(candle: Candle): Message;
}

/** One symbol's way from the frames to the topic. */
export interface Feed {
  readonly symbol: string;
  /** The stream has begun (again): whatever was missed comes first. */
  connected(): void;
  take(message: Message): void;
  /** @returns how many minutes were new */
  repaired(span: MinuteSpan, candles: readonly Candle[]): number;
  /** Nobody answers: the live frames go on, the minutes stay owed. */
  unrepaired(span: MinuteSpan): void;
  readonly held: number;
  /** Minutes that are missing and could not be fetched yet. */
  readonly owed: readonly MinuteSpan[];
}

/** How long after a minute's end its final update may come before the minute counts as missed. */
const GRACE_MS = 5_000;

/**
 * Watches that no minute is missing: after each connect, and whenever a frame shows a minute whose predecessor
 * never became final. The symbol's live frames wait while REST is asked, because the first of them would close
 * the window over the hole.
 */
export function openFeed(options: FeedOptions): Feed {
  const { pass } = options;
  let lastFinal: EpochMs | null = options.lastFinal;
  let held: Message[] | null = null;
  let asked: MinuteSpan | null = null;
  let owed: MinuteSpan[] = [];
  let again = false;

  const ask = (span: MinuteSpan) => {
    asked = span;
    held ??= [];
    options.ask(span);
  };
  /** What is missing before a frame of the minute `openTime`, seen at `eventTime`. */
  const missingBefore = (openTime: number, eventTime: number): MinuteSpan | null => {
    if (lastFinal === null || !options.repairs) return null;
    const from = (lastFinal + MINUTE_MS) as EpochMs;
    const ended = from + MINUTE_MS;
    if (openTime <= from || eventTime < ended + GRACE_MS) return null;
    return { from, to: openTime as EpochMs };
  };
  const advance = (message: Message) => {
    if (message.type !== "kline") return;
    if (lastFinal === null) lastFinal = (message.openTime - MINUTE_MS) as EpochMs;
    if (message.final && message.openTime > lastFinal) lastFinal = message.openTime as EpochMs;
  };
  const take = (message: Message) => {
    if (held !== null) {
      held.push(message);
      return;
    }
    const missing = message.type === "kline" ? missingBefore(message.openTime, message.eventTime) : null;
    if (missing !== null) {
      ask(missing);
      (held as unknown as Message[]).push(message);
      return;
    }
    advance(message);
    pass([message]);
  };
  const release = (through: EpochMs) => {
    if (lastFinal !== null && through > lastFinal) lastFinal = through;
    const waiting = held ?? [];
    held = null;
    asked = null;
    if (again) connected();
    waiting.forEach(take);
  };
  const connected = () => {
    if (lastFinal === null || !options.repairs) return;
    again = asked !== null;
    if (!again) ask({ from: (lastFinal + MINUTE_MS) as EpochMs, to: Number.POSITIVE_INFINITY as EpochMs });
  };
  return {
    symbol: options.symbol,
    connected,
    take,
    repaired: (span, candles) => {
      const fresh = candles.filter(({ openTime }) => openTime >= span.from && openTime < span.to);
      if (fresh.length > 0) pass(fresh.map(options.toMessage));
      owed = owed.filter((other) => other.from !== span.from);
      if (asked !== null && asked.from === span.from) {
        // An open-ended question is answered as far as minutes came; one with an end is not asked again.
        const last = fresh.reduce((time, { openTime }) => Math.max(time, openTime), span.from - MINUTE_MS);
        release((Number.isFinite(span.to) ? span.to - MINUTE_MS : last) as EpochMs);
      }
      return fresh.length;
    },
    unrepaired: (span) => {
      if (asked === null || asked.from !== span.from) return;
      const first = (held ?? []).find((message) => message.type === "kline");
      const to = Number.isFinite(span.to)
        ? span.to
        : ((first?.type === "kline" ? first.openTime : span.from) as EpochMs);
      if (to > span.from) owed.push({ from: span.from, to });
      release((to - MINUTE_MS) as EpochMs);
    },
    get held() {
      return held?.length ?? 0;
    },
    get owed() {
      return owed;
    },
  };
}
