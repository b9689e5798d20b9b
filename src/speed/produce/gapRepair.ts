import type { Candle } from "../../candle/candle.ts";
import type { EpochMs, TimeSpan } from "../../time/epoch.ts";
import { type FixedInterval, intervalMs } from "../../time/interval.ts";
import type { Message } from "../../topic/message.ts";

export interface GapRepairOptions {
  symbol: string;
  /** Of the stream's candles. */
  interval: FixedInterval;
  /** Open time of the last final candle that the topic has; null where it has none. */
  lastFinal: EpochMs | null;
  /** Whether missing candles can be requested. */
  repairs: boolean;
  /** Receives messages, in order. */
  pass(messages: readonly Message[]): void;
  /** Requests candles; the answer goes to `repaired`, a failure to `unrepaired`. */
  request(span: TimeSpan): void;
  toMessage(candle: Candle): Message;
}

/** How long after a candle's end its final update may arrive before the candle counts as missed. */
const GRACE_MS = 5_000;

/**
 * Keeps one symbol's messages free of gaps: after each connect, and whenever a frame shows a candle whose predecessor
 * never became final, it requests the missing candles. The symbol's live messages wait for the answer, because the
 * first of them would close the window over the gap.
 */
export class GapRepair {
  readonly symbol: string;
  /** Of a candle, milliseconds. */
  readonly #length: number;
  readonly #options: GapRepairOptions;
  #lastFinal: EpochMs | null;
  /** Live messages that wait for an answer; null while none is awaited. */
  #held: Message[] | null = null;
  #requested: TimeSpan | null = null;
  #owed: TimeSpan[] = [];
  /** A connection was opened while a request was pending. */
  #connectedMeanwhile = false;

  constructor(options: GapRepairOptions) {
    this.symbol = options.symbol;
    this.#length = intervalMs(options.interval);
    this.#options = options;
    this.#lastFinal = options.lastFinal;
  }

  /** How many messages wait. */
  get held(): number {
    return this.#held?.length ?? 0;
  }

  /** Candles that are missing and could not be fetched yet. */
  get owed(): readonly TimeSpan[] {
    return this.#owed;
  }

  /** A stream was opened: what was missed meanwhile goes first. */
  connected(): void {
    if (this.#lastFinal === null || !this.#options.repairs) return;
    this.#connectedMeanwhile = this.#requested !== null;
    if (this.#connectedMeanwhile) return;
    const from = (this.#lastFinal + this.#length) as EpochMs;
    this.#request({ from, to: Number.POSITIVE_INFINITY as EpochMs });
  }

  push(message: Message): void {
    if (this.#held !== null) {
      this.#held.push(message);
      return;
    }
    const missing = message.type === "kline" ? this.#missingBefore(message) : null;
    if (missing !== null) {
      this.#request(missing).push(message);
      return;
    }
    this.#advance(message);
    this.#options.pass([message]);
  }

  /** @returns how many candles were new */
  repaired(span: TimeSpan, candles: readonly Candle[]): number {
    const fresh = candles.filter(({ openTime }) => openTime >= span.from && openTime < span.to);
    if (fresh.length > 0) this.#options.pass(fresh.map(this.#options.toMessage));
    this.#owed = this.#owed.filter((other) => other.from !== span.from);
    if (this.#requested?.from === span.from) {
      // An open-ended request is answered up to the last candle received; one with an end is not repeated.
      const last = fresh.reduce((time, { openTime }) => Math.max(time, openTime), span.from - this.#length);
      this.#release((Number.isFinite(span.to) ? span.to - this.#length : last) as EpochMs);
    }
    return fresh.length;
  }

  /** The request failed: live messages continue, the candles stay owed. */
  unrepaired(span: TimeSpan): void {
    if (this.#requested?.from !== span.from) return;
    const first = (this.#held ?? []).find((message) => message.type === "kline");
    const known = first?.type === "kline" ? first.openTime : span.from;
    const to = Number.isFinite(span.to) ? span.to : (known as EpochMs);
    if (to > span.from) this.#owed.push({ from: span.from, to });
    this.#release((to - this.#length) as EpochMs);
  }

  /** @returns the messages that wait for the answer */
  #request(span: TimeSpan): Message[] {
    this.#requested = span;
    const held = this.#held ?? [];
    this.#held = held;
    this.#options.request(span);
    return held;
  }

  /** What is missing before the candle of a kline. */
  #missingBefore({ openTime, eventTime }: { openTime: number; eventTime: number }): TimeSpan | null {
    if (this.#lastFinal === null || !this.#options.repairs) return null;
    const from = (this.#lastFinal + this.#length) as EpochMs;
    const ended = from + this.#length;
    if (openTime <= from || eventTime < ended + GRACE_MS) return null;
    return { from, to: openTime as EpochMs };
  }

  #advance(message: Message): void {
    if (message.type !== "kline") return;
    const last = this.#lastFinal ?? ((message.openTime - this.#length) as EpochMs);
    this.#lastFinal = message.final && message.openTime > last ? (message.openTime as EpochMs) : last;
  }

  #release(through: EpochMs): void {
    if (this.#lastFinal !== null && through > this.#lastFinal) this.#lastFinal = through;
    const waiting = this.#held ?? [];
    this.#held = null;
    this.#requested = null;
    if (this.#connectedMeanwhile) this.connected();
    for (const message of waiting) this.push(message);
  }
}
