import { foldCandles } from "../../charts/fold.ts";
import type { LiveMinute } from "../../live/picture.ts";
import { MINUTE_MS } from "../../time/epoch.ts";

/** The allowed lengths of one candle, in minutes. */
const STEPS = [1, 2, 3, 5, 10, 15, 30];
/** The most candles that can be distinguished, and the fewest that the width is divided by. */
const [MOST, FEWEST] = [96, 30];

export interface MinuteCandle {
  /** Start, epoch milliseconds. */
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface FoldedMinutes {
  candles: MinuteCandle[];
  /** The length of a candle, milliseconds. */
  step: number;
  /** The start of the first candle and the end of the last place, epoch milliseconds. */
  from: number;
  to: number;
}

/** Minutes in any order, one at least, folded to as many candles as the picture has room for. */
export function foldMinutes(minutes: readonly LiveMinute[]): FoldedMinutes {
  const rows = minutes
    .map(([time, open, high, low, close, volume]) => ({ time, open, high, low, close, volume }))
    .sort((a, b) => a.time - b.time);
  const count = (rows[rows.length - 1].time - rows[0].time) / MINUTE_MS + 1;
  const step = (STEPS.find((one) => count / one <= MOST) ?? STEPS[STEPS.length - 1]) * MINUTE_MS;
  const candles = foldCandles(rows, "time", (time) => time - (time % step));
  const from = candles[0].time;
  const end = candles[candles.length - 1].time + step;
  return { candles, step, from, to: Math.max(end, from + FEWEST * step) };
}

/** Round prices from `low` to `high` to mark, four or so, and the digits after the point that they need. */
export function priceMarks(low: number, high: number): { marks: number[]; digits: number } {
  const rough = (high - low || Math.abs(high) * 0.002 || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough) ?? rough;
  const marks: number[] = [];
  for (let value = Math.ceil(low / step) * step; value <= high; value += step) marks.push(value);
  return { marks, digits: Math.min(12, Math.max(0, -Math.floor(Math.log10(step)))) };
}

/** Round times of day to mark, at most eight, epoch milliseconds. */
export function timeMarks(from: number, to: number): number[] {
  const spans = [5, 10, 15, 30, 60, 120, 180, 360].map((minutes) => minutes * MINUTE_MS);
  const every = spans.find((one) => (to - from) / one <= 8) ?? spans[spans.length - 1];
  const marks: number[] = [];
  for (let time = Math.ceil(from / every) * every; time < to; time += every) marks.push(time);
  return marks;
}
