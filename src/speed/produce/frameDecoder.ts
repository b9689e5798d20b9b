import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { inWorkspace, type Workspace } from "../../core/workspace.ts";
import type { FixedInterval } from "../../time/interval.ts";
import type { Message } from "../../topic/message.ts";
import { venue } from "../../venues/registry.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import type { Recorder } from "./recording.ts";
import { klineToMessage, type Market, tickerToMessage } from "./toMessage.ts";

export interface FrameDecoderOptions {
  workspace: Workspace;
  symbols: readonly string[];
  interval: FixedInterval;
  clock: ExchangeClock;
  market: Market;
  /** Writes every raw frame; null where none is recorded. */
  recorder: Recorder | null;
  /** Receives the messages of the symbols and the interval, in the frames' order. */
  onMessage(message: Message): void;
}

const KEPT_FRAMES = 10_000;
const KEPT_CHARACTERS = 10_000;

/** Raw frames → messages. Nothing that the exchange sends ends it: an invalid frame is written aside and counted. */
export class FrameDecoder {
  /** Frames of other types, symbols or intervals. */
  unknown = 0;
  /** Invalid frames; they are kept in `data/rejected_frames.jsonl`. */
  broken = 0;
  /** The last ticker: symbol and price; empty before the first. */
  price = "";
  /** The newest event time, milliseconds; 0 before the first frame. */
  newest = 0;
  readonly #options: FrameDecoderOptions;
  readonly #symbols: ReadonlySet<string>;

  constructor(options: FrameDecoderOptions) {
    this.#options = options;
    this.#symbols = new Set(options.symbols);
  }

  decode(text: string): void {
    const { interval, clock, recorder, market, onMessage } = this.#options;
    const parsed = venue.stream.parse(text);
    if (parsed.kind === "kline" || parsed.kind === "ticker") clock.observe(parsed.frame.eventTime);
    recorder?.add({ at: clock.now(), frame: text });
    if (parsed.kind === "broken") {
      this.#reject(text, parsed.reason);
      return;
    }
    const isOther = parsed.kind === "kline" && parsed.frame.interval !== interval;
    if (parsed.kind === "other" || isOther || !this.#symbols.has(parsed.frame.symbol)) {
      this.unknown += 1;
      return;
    }
    this.newest = Math.max(this.newest, parsed.frame.eventTime);
    if (parsed.kind === "ticker") {
      this.price = `${parsed.frame.symbol} ${parsed.frame.price}`;
      onMessage(tickerToMessage(parsed.frame, market));
    } else onMessage(klineToMessage(parsed.frame, market));
  }

  #reject(text: string, reason: string): void {
    this.broken += 1;
    if (this.broken > KEPT_FRAMES) return;
    const path = inWorkspace(this.#options.workspace, "data", "rejected_frames.jsonl");
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${JSON.stringify({ reason, raw: text.slice(0, KEPT_CHARACTERS) })}\n`);
  }
}
