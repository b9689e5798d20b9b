import { inputError } from "../core/errors.ts";

/** The exchange's intervals of fixed length that lie on the epoch's grid, in milliseconds. */
export const INTERVALS = {
  "1m": 60_000,
  "3m": 180_000,
  "5m": 300_000,
  "15m": 900_000,
  "30m": 1_800_000,
  "1h": 3_600_000,
  "2h": 7_200_000,
  "4h": 14_400_000,
  "6h": 21_600_000,
  "8h": 28_800_000,
  "12h": 43_200_000,
  "1d": 86_400_000,
} as const;

export type Interval = keyof typeof INTERVALS;

export function isInterval(text: string): text is Interval {
  return Object.hasOwn(INTERVALS, text);
}

/** @throws CandlebookError `bad_interval` */
export function parseInterval(text: string): Interval {
  if (isInterval(text)) return text;
  throw inputError(
    "bad_interval",
    `"${text.slice(0, 20)}" is no interval that candlebook reads.`,
    `Use one of ${Object.keys(INTERVALS).join(", ")}.`,
  );
}
