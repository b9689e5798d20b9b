import type { DailyCandle } from "../candle/candle.ts";
import type { EpochMs } from "../time/epoch.ts";

// The messages that the server sends to the page: src/browser reads these types, so nothing of Node may come in here.

/** Open time, open, high, low, close, volume of one minute; the last one may still change. */
export type LiveMinute = [number, number, number, number, number, number];

/** A symbol's open day as the topic has it. */
export interface LiveSymbol {
  symbol: string;
  /** The day so far; null where nothing is known but that it began. */
  row: DailyCandle | null;
  /** The last price of a ticker. */
  price: number | null;
  /** In a whole picture all of the day, in a change those hours that changed. */
  minutes: LiveMinute[];
}

/** The consumer as its last commit left it. */
export interface LiveConsumer {
  /** One row for each open window. */
  open: DailyCandle[];
  symbols: { symbol: string; latestEvent: EpochMs | null; watermark: EpochMs | null }[];
  /** Messages that were still to be read when the last batch ended. */
  lag: number;
  counts: { late: number; poison: number };
  /** Messages that the topic has and the checkpoint has not. */
  behind: number;
  /** The days that closed last, the newest first. */
  closed: DailyCandle[];
}

/** The producer of one symbol in this workspace; counted since it began. */
export interface LiveProducer {
  symbol: string;
  reconnects: number;
  /** Connections that were replaced before the exchange ended them. */
  rollovers: number;
  /** Minutes that REST returned. */
  repaired: number;
  /** Minutes that are still missing. */
  owed: number;
  /** Messages that wait for the topic. */
  waiting: number;
  running: boolean;
  /** Seconds since the producer last wrote its state. */
  silent: number;
}

/** What the page shows; a change has the symbols that changed and everything else as a picture has it. */
export interface LivePicture {
  whole: boolean;
  simulated: boolean;
  /** The largest event time in the topic. */
  now: EpochMs | null;
  symbols: LiveSymbol[];
  /** Null where none has committed yet. */
  consumer: LiveConsumer | null;
  producers: LiveProducer[];
  /** Why the picture does not change, in a sentence; null where it does. */
  problem: string | null;
}
