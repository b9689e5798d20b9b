import type { Message } from "../topic/message.ts";
import type { Outbox } from "./outbox.ts";

/** Counts what goes into the outbox and lets no more in than asked for. */
export interface Gate {
  pass(messages: readonly Message[]): void;
  readonly klines: number;
  readonly tickers: number;
  readonly full: boolean;
}

export function openGate(outbox: Outbox, limit: number, onFull: () => void): Gate {
  let klines = 0;
  let tickers = 0;
  const full = () => klines + tickers >= limit;
  return {
    pass: (messages) => {
      const room = messages.slice(0, limit - klines - tickers);
      for (const { type } of room) {
        if (type === "kline") klines += 1;
        else tickers += 1;
      }
      if (room.length > 0) outbox.push(room);
      if (full()) onFull();
    },
    get klines() {
      return klines;
    },
    get tickers() {
      return tickers;
    },
    get full() {
      return full();
    },
  };
}
