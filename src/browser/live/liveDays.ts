import type { DailyCandle } from "../../candle/candle.ts";
import type { LiveMinute, LivePicture } from "../../live/picture.ts";

/** A symbol's open day as far as the page knows it. */
export interface LiveDay {
  symbol: string;
  row: DailyCandle | null;
  /** The last price of a ticker. */
  price: number | null;
  /** By their open time. */
  minutes: Map<number, LiveMinute>;
}

/** The open days of all symbols, put together from the pictures that the server sends. */
export class LiveDays {
  readonly #days = new Map<string, LiveDay>();
  readonly #changed = new Set<string>();

  /** Adds a change to what is known; a whole picture replaces it. */
  apply({ whole, symbols }: Pick<LivePicture, "whole" | "symbols">): void {
    if (whole) {
      this.#days.clear();
      this.#changed.clear();
    }
    for (const { symbol, row, price, minutes } of symbols) {
      const known = this.#days.get(symbol);
      const kept = known !== undefined && known.row?.day === row?.day ? known.minutes : new Map();
      for (const minute of minutes) kept.set(minute[0], minute);
      this.#days.set(symbol, { symbol, row, price, minutes: kept });
      this.#changed.add(symbol);
    }
  }

  has(symbol: string | undefined): boolean {
    return symbol !== undefined && this.#days.has(symbol);
  }

  /** The days that changed since the last call, by symbol. */
  takeChanges(): LiveDay[] {
    const symbols = [...this.#changed].sort();
    this.#changed.clear();
    return symbols.flatMap((symbol) => this.#days.get(symbol) ?? []);
  }
}
