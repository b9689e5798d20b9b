import { invalidReason } from "../../candle/validity.ts";
import { EARLIEST_MS, type EpochMs } from "../../time/epoch.ts";
import { type FixedInterval, intervalMs, intervalOfMs } from "../../time/interval.ts";
import { InvalidAnswer } from "../http.ts";
import type { FetchedCandle } from "../venue.ts";
import { isKline, klineToCandle, klineToLine } from "./kline.ts";

/** What a page of candles was requested with; times in milliseconds, `to` inclusive. */
export interface PageRequest {
  symbol: string;
  interval: FixedInterval;
  from: EpochMs;
  to: EpochMs;
  /** The exchange's clock. */
  now: number;
}

/**
 * The candles of a page that open in [from, to] and have ended, in order, each once. Every row is checked, because an
 * answer is also proof of what there is not: one invalid row refutes all of it.
 * @throws InvalidAnswer if a row has another form or interval, breaks a rule of candles, begins in the future, or
 *   contradicts another
 */
export function readPage(body: unknown, request: PageRequest): FetchedCandle[] {
  if (!Array.isArray(body)) throw new InvalidAnswer("it is not a list of candles");
  const byTime = new Map<number, FetchedCandle>();
  for (const [i, row] of body.entries()) {
    const candle = readRow(row, i, request);
    const { openTime, line } = candle;
    if (
      openTime < request.from ||
      openTime > request.to ||
      openTime + intervalMs(request.interval) > request.now
    )
      continue;
    if ((byTime.get(openTime)?.line ?? line) !== line) throw wrongRow(i, "contradicts an earlier row");
    byTime.set(openTime, candle);
  }
  return [...byTime.values()].sort((a, b) => a.openTime - b.openTime);
}

function readRow(row: unknown, i: number, { symbol, interval, now }: PageRequest): FetchedCandle {
  if (!isKline(row)) throw wrongRow(i, "is not a candle of 12 fields");
  const [openTime, , , , , , closeTime] = row;
  if (!lasts(closeTime - openTime + 1, intervalMs(interval)))
    throw wrongRow(i, "is a candle of another interval");
  const candle = klineToCandle(symbol, row);
  const reason = invalidReason(candle, interval, EARLIEST_MS, now as EpochMs);
  if (reason !== null) throw wrongRow(i, `is not a valid candle (${reason})`);
  return { ...candle, line: klineToLine(row, "ms") };
}

/** An outage ends a candle early (2018-02-08), but not after the length of another interval. */
function lasts(ms: number, length: number): boolean {
  return ms === length || (ms > 0 && ms < length && intervalOfMs(ms) === null);
}

const wrongRow = (i: number, what: string) => new InvalidAnswer(`row ${i + 1} ${what}`);
