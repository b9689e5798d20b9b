import { CandlebookError } from "../src/core/errors.ts";
import type { KnownOfText } from "../src/recognition/known.ts";
import { type Recognition, recognize } from "../src/recognition/recognize.ts";

/** Recognises the first lines of a file named BTCUSDT.csv, of which nothing else is known but what is given. */
export function recognizeLines(lines: readonly string[], known: Partial<KnownOfText> = {}): Recognition {
  const plain = { where: "BTCUSDT.csv", names: ["BTCUSDT.csv"], symbol: null, stated: {}, fetched: false };
  return recognize({ ...plain, ...known }, lines);
}

/** The error with which the lines are refused; null where they are not. */
export function refusal(lines: readonly string[], known: Partial<KnownOfText> = {}): CandlebookError | null {
  try {
    recognizeLines(lines, known);
    return null;
  } catch (error) {
    if (error instanceof CandlebookError) return error;
    throw error;
  }
}

/** The code of `refusal`. */
export const codeOf = (lines: readonly string[], known: Partial<KnownOfText> = {}) =>
  refusal(lines, known)?.code ?? null;

/** The first minute of the rows. */
export const T = Date.UTC(2024, 2, 1);

/** Rows whose quote volume ÷ volume lies between low and high. */
export function rows(count: number, row: (i: number, price: number, volume: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => row(i, 60_000 + 10 * i, 1.25 + i));
}

export const prices = (price: number) => `${price},${price + 8.5},${price - 4.75},${price + 5}`;
export const minute = (i: number) => T + i * 60_000;
export const plain = (count = 6) =>
  rows(count, (i, price, volume) => `${minute(i)},${prices(price)},${volume}`);
export const HEADER = "open_time,open,high,low,close,volume";
