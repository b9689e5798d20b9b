import type { Candle } from "../../candle/candle.ts";
import { numericCandle } from "../../candle/decimal.ts";
import { delay } from "../../core/delay.ts";
import { throwIfAborted } from "../../core/errors.ts";
import { monotonicClock } from "../../core/machine.ts";
import { seededRandom } from "../../core/random.ts";
import { type EpochMs, MINUTE_MS } from "../../time/epoch.ts";
import { intervalMs } from "../../time/interval.ts";
import { venue } from "../../venues/registry.ts";
import { type Exchange, seriesName } from "../exchange.ts";
import { type RecordedFrame, recordedFrames } from "./recording.ts";

export interface ReplayOptions {
  path: string;
  /** How many times faster than recorded; Infinity for as fast as possible. */
  speed: number;
  /** Seed of injected disorder: frames delayed and doubled, connections that break; null replays the recording unchanged. */
  disorder: number | null;
  signal?: AbortSignal;
}

/** Events of a replay. */
export interface ReplayEvents {
  onFrame(text: string): void | Promise<void>;
  /** A connection that was made to break is open again. */
  onConnected(): void;
}

const LONGEST_DELAY_MS = 10 * MINUTE_MS;
const DELAYED = 0.1;
const DOUBLED = 0.03;
/** Mean time from one break to the next. */
const BREAK_EVERY_MS = 50 * MINUTE_MS;
const LONGEST_BREAK_MS = 20 * MINUTE_MS;
const REMEMBERED_MS = 180 * MINUTE_MS;
const REMEMBERED_CANDLES = 3;

/** Plays a recording; `exchange` returns the candles that a break lost. */
export interface Replay {
  exchange: Exchange;
  play(events: ReplayEvents): Promise<void>;
}

export function openReplay(options: ReplayOptions): Replay {
  const finals = new Map<string, Map<number, Candle>>();
  let newest = 0;
  const remember = (text: string) => {
    const parsed = venue.stream.parse(text);
    if (parsed.kind !== "kline") return;
    const { openTime, interval, final, eventTime } = parsed.frame;
    newest = Math.max(newest, eventTime);
    if (!final) return;
    const key = seriesName(parsed.frame);
    const candles = finals.get(key) ?? new Map<number, Candle>();
    finals.set(key, candles);
    candles.set(openTime, numericCandle(parsed.frame));
    const since = newest - Math.max(REMEMBERED_MS, REMEMBERED_CANDLES * intervalMs(interval));
    for (const time of candles.keys()) {
      if (time >= since) break;
      candles.delete(time);
    }
  };
  return {
    exchange: {
      time: async () => newest as EpochMs,
      candles: async (series, { from, to }) =>
        [...(finals.get(seriesName(series))?.values() ?? [])].filter(
          ({ openTime }) => openTime >= from && openTime < to,
        ),
    },
    play: async (events) => {
      let first: number | null = null;
      const began = monotonicClock();
      const frames =
        options.disorder === null ? plain(options.path) : disordered(options.path, options.disorder);
      for await (const item of frames) {
        throwIfAborted(options.signal);
        if (item === "connected") {
          events.onConnected();
          continue;
        }
        first ??= item.at;
        const due = (item.at - first) / options.speed - (monotonicClock() - began);
        if (due > 1) await delay(due, options.signal);
        if (item.frame !== null) await events.onFrame(item.frame);
        remember(item.seen);
      }
    },
  };
}

/** One event: a frame arrives (or is lost, and only the exchange has it), or a break ends. */
type Item = "connected" | { at: number; frame: string | null; seen: string };

async function* plain(path: string): AsyncGenerator<Item> {
  for await (const { at, frame } of recordedFrames(path)) yield { at, frame, seen: frame };
}

async function* disordered(path: string, seed: number): AsyncGenerator<Item> {
  const disorder = new Disorder(seed);
  for await (const frame of recordedFrames(path)) yield* disorder.pass(frame);
  yield* disorder.end();
}

/** A connection that breaks, and delays and doubles frames, by the chance of a seed. */
class Disorder {
  readonly #random: () => number;
  readonly #delayed: { due: number; frame: string }[] = [];
  #brokenUntil: number | null = null;
  #before: number | null = null;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  *pass({ at, frame }: RecordedFrame): Generator<Item> {
    while (this.#delayed.length > 0 && this.#delayed[0].due <= at) {
      const { frame: late } = this.#delayed.shift() as { frame: string };
      yield { at, frame: late, seen: late };
    }
    yield* this.#breakOrHeal(at);
    if (this.#brokenUntil !== null) yield { at, frame: null, seen: frame };
    else if (this.#random() < DELAYED) this.#delay(at, frame);
    else {
      yield { at, frame, seen: frame };
      if (this.#random() < DOUBLED) yield { at, frame, seen: frame };
    }
  }

  *end(): Generator<Item> {
    if (this.#brokenUntil !== null) yield "connected";
    for (const { due, frame } of this.#delayed) yield { at: due, frame, seen: frame };
  }

  *#breakOrHeal(at: number): Generator<Item> {
    if (this.#brokenUntil !== null && at >= this.#brokenUntil) {
      this.#brokenUntil = null;
      yield "connected";
    }
    const chance = (at - (this.#before ?? at)) / BREAK_EVERY_MS;
    this.#before = at;
    if (this.#brokenUntil !== null || this.#random() >= chance) return;
    this.#brokenUntil = at + this.#random() * LONGEST_BREAK_MS;
  }

  #delay(at: number, frame: string): void {
    const due = at + this.#random() * LONGEST_DELAY_MS;
    const place = this.#delayed.findIndex((other) => other.due > due);
    this.#delayed.splice(place < 0 ? this.#delayed.length : place, 0, { due, frame });
  }
}
