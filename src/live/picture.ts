import type { DailyCandle } from "../candle/candle.ts";
import type { EpochMs } from "../time/epoch.ts";

// The messages that the server sends to the page: src/browser imports these types, so nothing of Node may be imported here.

/** Open time, open, high, low, close, volume of one minute; the last one may still change. */
export type LiveMinute = [number, number, number, number, number, number];

/** A symbol's open day in the topic. */
export interface LiveSymbol {
  symbol: string;
  /** The day so far; null for a day without minutes and price. */
  row: DailyCandle | null;
  /** The last price of a ticker. */
  price: number | null;
  /** In a whole picture those of the day, in a change those of the hours that changed. */
  minutes: LiveMinute[];
}

/** The consumer after its last commit. */
export interface LiveConsumer {
  /** One row for each open window. */
  open: DailyCandle[];
  symbols: { symbol: string; latestEvent: EpochMs | null; watermark: EpochMs | null }[];
  /** Messages that were not read yet when the last batch ended. */
  lag: number;
  counts: { late: number; poison: number };
  /** Messages of the topic that are not in the checkpoint. */
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
