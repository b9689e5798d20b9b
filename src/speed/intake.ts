import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { Message } from "../topic/message.ts";
import { venue } from "../venues/registry.ts";
import type { ExchangeClock } from "./exchangeClock.ts";
import type { Recorder } from "./recording.ts";
import { klineToMessage, type Market, tickerToMessage } from "./toMessage.ts";

export interface IntakeOptions {
  workspace: Workspace;
  symbols: readonly string[];
  clock: ExchangeClock;
  market: Market;
  /** Keeps every raw frame. */
  recorder: Recorder | null;
  /** Takes the messages of the symbols, in the frames' order. */
  take(message: Message): void;
}

/** Raw frames on one side, messages on the other. */
export interface Intake {
  frame(text: string): void;
  /** Frames of types or symbols that are not asked for. */
  readonly unknown: number;
  /** Frames that can't be read; they are kept in `data/rejected_frames.jsonl`. */
  readonly broken: number;
  /** The last ticker: symbol and price; empty before the first. */
  readonly price: string;
  /** The newest event time, milliseconds; 0 before the first frame. */
  readonly newest: number;
}

const KEPT_FRAMES = 10_000;
const KEPT_CHARACTERS = 10_000;

/** Nothing that the exchange sends ends the intake: what can't be read is kept aside and counted. */
export function openIntake(options: IntakeOptions): Intake {
  const { workspace, clock, market, recorder } = options;
  const wanted = new Set(options.symbols);
  const intake = { unknown: 0, broken: 0, price: "", newest: 0 };

  const keepBroken = (text: string, reason: string) => {
    intake.broken += 1;
    if (intake.broken > KEPT_FRAMES) return;
    const path = inWorkspace(workspace, "data", "rejected_frames.jsonl");
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, `${JSON.stringify({ reason, raw: text.slice(0, KEPT_CHARACTERS) })}\n`);
  };
  const frame = (text: string) => {
    const parsed = venue.stream.parse(text);
    if (parsed.kind === "kline" || parsed.kind === "ticker") clock.observe(parsed.frame.eventTime);
    recorder?.add({ at: clock.now(), frame: text });
    if (parsed.kind === "broken") return keepBroken(text, parsed.reason);
    if (parsed.kind === "other" || !wanted.has(parsed.frame.symbol)) {
      intake.unknown += 1;
      return;
    }
    intake.newest = Math.max(intake.newest, parsed.frame.eventTime);
    if (parsed.kind === "ticker") {
      intake.price = `${parsed.frame.symbol} ${parsed.frame.price}`;
      options.take(tickerToMessage(parsed.frame, market));
    } else options.take(klineToMessage(parsed.frame, market));
  };
  return Object.assign(intake, { frame });
}
