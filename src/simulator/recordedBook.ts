import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type Candle, NO_AMOUNTS } from "../candle/candle.ts";
import { isSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { type EpochMs, epochToMs } from "../time/epoch.ts";
import { type FixedInterval, intervalMs, parseInterval } from "../time/interval.ts";
import { candleToKline, isKline, type Kline, klineToCandle, lineToKline } from "../venues/binance/kline.ts";
import { type KlineBook, minuteBook } from "./book.ts";

/** Recorded klines of one symbol and interval. */
export interface Recording {
  symbol: string;
  interval: FixedInterval;
  klines: readonly Kline[];
}

/**
 * A book that serves recorded klines verbatim; intervals that were not recorded are aggregated from recorded minutes.
 * An open kline longer than a minute is not served, because it was not recorded.
 */
export function recordedBook(recordings: readonly Recording[]): KlineBook {
  const byTime = new Map<string, Map<number, Kline>>();
  const spans = new Map<string, { first: number; end: number }>();
  for (const { symbol, interval, klines } of recordings) {
    const key = `${symbol} ${interval}`;
    const known = byTime.get(key) ?? new Map<number, Kline>();
    for (const kline of klines) known.set(kline[0], kline);
    byTime.set(key, known);
    const span = spans.get(key) ?? { first: Number.POSITIVE_INFINITY, end: 0 };
    for (const [time] of klines) {
      span.first = Math.min(span.first, time);
      span.end = Math.max(span.end, time + intervalMs(interval));
    }
    spans.set(key, span);
  }
  const symbols = [...new Set(recordings.map(({ symbol }) => symbol))].sort();
  const minute = (symbol: string, time: number) => byTime.get(`${symbol} 1m`)?.get(time) ?? null;
  const folded = minuteBook({
    symbols,
    kline: minute,
    candle: (symbol, time) => {
      const kline = minute(symbol, time);
      return kline === null ? null : klineToCandle(symbol, kline);
    },
    firstOpenTime: (symbol) => (spans.get(`${symbol} 1m`)?.first ?? 0) as EpochMs,
    endTime: (symbol) => (spans.get(`${symbol} 1m`)?.end ?? 0) as EpochMs,
  });
  return {
    symbols,
    span: (symbol, interval) => {
      const own = spans.get(`${symbol} ${interval}`);
      return own ?? (spans.has(`${symbol} 1m`) ? folded.span(symbol, interval) : null);
    },
    kline: (symbol, interval, openTime, now) => {
      const own = byTime.get(`${symbol} ${interval}`);
      if (own === undefined || interval === "1m") return folded.kline(symbol, interval, openTime, now);
      return openTime + intervalMs(interval) <= now ? (own.get(openTime) ?? null) : null;
    },
  };
}

/**
 * Reads a folder of recordings: JSON responses of `GET /api/v3/klines` in folders named `BTCUSDT_1d`; CSV, plain or
 * gzipped, named `BTCUSDT_1min`, `BTCUSDT_1d` or `BTCUSDT-1h-2024-11`, with the twelve kline columns or with time,
 * open, high, low, close, volume.
 *
 * @throws CandlebookError `nothing_recorded` if none is found
 */
export async function readRecordings(folder: string): Promise<Recording[]> {
  const names = await readdir(folder, { recursive: true });
  const recordings: Recording[] = [];
  for (const name of names.filter((one) => /\.(json|csv|csv\.gz)$/.test(one)).sort()) {
    const file = join(folder, name);
    const label = name.endsWith(".json") ? basename(dirname(file)) : basename(file);
    const found = /^(.+?)[_-](\d+(?:min|m|h|d))(?![a-z])/.exec(label);
    const interval = parseInterval(found?.[2] ?? "");
    if (found === null || !isSymbol(found[1]) || interval === null || interval === "1M") continue;
    const bytes = await readFile(file);
    const text = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
    const klines = name.endsWith(".json")
      ? (JSON.parse(text) as unknown[]).filter(isKline)
      : text.split(/\r?\n/).flatMap((line) => readLine(line, interval));
    recordings.push({ symbol: found[1], interval, klines });
  }
  if (recordings.length > 0) return recordings;
  throw inputError(
    "nothing_recorded",
    "The folder has no recorded klines.",
    "Expected: files such as BTCUSDT_1min.csv.gz, or BTCUSDT_1d/2024-01-01.json.",
  );
}

function readLine(line: string, interval: FixedInterval): Kline[] {
  const cells = line.split(",");
  const epoch = /^\d+(\.\d+)?$/.test(cells[0]) ? epochToMs(Number(cells[0])) : Date.parse(cells[0]);
  const [open, high, low, close, volume] = cells.slice(1, 6).map(Number);
  if (epoch === null || !Number.isFinite(epoch + open + high + low + close + volume)) return [];
  const whole = cells.length === 12 ? lineToKline(line) : null;
  if (whole !== null) return [whole.kline];
  const trades = cells.length > 8 ? Number(cells[8]) : null;
  const candle: Candle = {
    symbol: "",
    openTime: epoch as EpochMs,
    open,
    high,
    low,
    close,
    volume,
    trades,
    ...NO_AMOUNTS,
  };
  return [candleToKline(candle, intervalMs(interval))];
}
