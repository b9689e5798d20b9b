import type { Candle } from "../../candle/candle.ts";
import { decimal, numericCandle } from "../../candle/decimal.ts";
import { epochToMs } from "../../time/epoch.ts";

/**
 * The exchange's wire form of a candle, as `GET /api/v3/klines` answers it: open time, open, high, low, close,
 * base volume, close time, quote volume, trades, taker's base volume, taker's quote volume, unused.
 * https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints
 */
export type Kline = [
  openTime: number,
  open: string,
  high: string,
  low: string,
  close: string,
  volume: string,
  closeTime: number,
  quoteVolume: string,
  trades: number,
  takerVolume: string,
  takerQuoteVolume: string,
  unused: string,
];

const FIELDS = 12;
const DECIMAL = /^\d+(\.\d+)?(e[+-]?\d{1,3})?$/i;

/** Whether an external value has a kline's fields, and numbers that are not negative; no other rule is checked. */
export function isKline(value: unknown): value is Kline {
  if (!Array.isArray(value) || value.length !== FIELDS) return false;
  return value.every((field, i) =>
    i === 0 || i === 6 || i === 8
      ? Number.isSafeInteger(field) && (field as number) >= 0
      : typeof field === "string" && DECIMAL.test(field),
  );
}

/** Quote volume and taker volumes are not part of a candle and are dropped. */
export function klineToCandle(symbol: string, kline: Kline): Candle {
  const [openTime, open, high, low, close, volume, , , trades] = kline;
  return numericCandle({ symbol, openTime, open, high, low, close, volume, trades });
}

/**
 * A candle in wire form. Fields that a candle lacks are estimated: the quote volume is volume × mean of high and low,
 * the takers' part half of it, unknown trades 0.
 *
 * @param interval length in milliseconds
 */
export function candleToKline(candle: Candle, interval: number): Kline {
  const { openTime, open, high, low, close, volume, trades } = candle;
  const price = (high + low) / 2;
  return [
    openTime,
    decimal(open),
    decimal(high),
    decimal(low),
    decimal(close),
    decimal(volume),
    openTime + interval - 1,
    decimal(volume * price),
    trades ?? 0,
    decimal(volume / 2),
    decimal((volume * price) / 2),
    "0",
  ];
}

/** The unit of time stamps in public archive files: milliseconds to 2024, microseconds from 2025-01-01. */
export type TimeUnit = "ms" | "us";

/** A line of an archive's CSV, without its line end. */
export function klineToLine(kline: Kline, unit: TimeUnit): string {
  if (unit === "ms") return kline.join(",");
  const inMicroseconds = [...kline];
  inMicroseconds[0] = kline[0] * 1000;
  inMicroseconds[6] = kline[6] * 1000 + 999;
  return inMicroseconds.join(",");
}

/** The header of some archive files. */
export const ARCHIVE_HEADER =
  "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore";

/**
 * A kline from a line of an archive's CSV.
 *
 * @returns null for any other line (a header, or a damaged line)
 */
export function lineToKline(line: string): { kline: Kline; unit: TimeUnit } | null {
  const cells = line.split(",");
  const openTime = epochToMs(Number(cells[0] || Number.NaN));
  const closeTime = epochToMs(Math.floor(Number(cells[6] || Number.NaN)));
  if (openTime === null || closeTime === null) return null;
  const unit = Number(cells[0]) === openTime ? "ms" : "us";
  const kline: unknown[] = [...cells];
  kline[0] = openTime;
  kline[6] = unit === "us" ? Math.floor(Number(cells[6]) / 1000) : closeTime;
  kline[8] = Number(cells[8]);
  return isKline(kline) ? { kline, unit } : null;
}
