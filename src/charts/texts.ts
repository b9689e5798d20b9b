import { en, type Text } from "../core/text.ts";

/** Texts that several figures share. */
export const TEXTS = {
  close: { en: "close", vi: "giá đóng" },
  closeAxis: { en: "close, quote currency", vi: "giá đóng, tiền định giá" },
  forecast: { en: "forecast", vi: "dự báo" },
  pointForecast: { en: "point forecast", vi: "dự báo điểm" },
  volume: { en: "volume", vi: "khối lượng" },
  daysAhead: { en: "days ahead", vi: "số ngày phía trước" },
  trend: { en: "trend", vi: "xu hướng" },
  changepoint: { en: "changepoint", vi: "điểm gãy" },
  dailyCandle: { en: "daily candle", vi: "nến ngày" },
  notOver: { en: "not over yet", vi: "chưa kết thúc" },
  tooShort: { en: "too short a history", vi: "lịch sử quá ngắn" },
  noBacktest: en`unscored: the history is too short for a backtest`
    .vi`không chấm điểm: lịch sử quá ngắn để kiểm định lùi`,
  unscored: { en: "unscored", vi: "không chấm điểm" },
  skillAxis: { en: "skill over naive, %", vi: "skill so với naive, %" },
  lower: { en: "lower", vi: "cận dưới" },
  upper: { en: "upper", vi: "cận trên" },
} satisfies Record<string, Text>;

/** `80 % band`. */
export function bandText(level: number): Text {
  return en`${level} % band`.vi`dải ${level} %`;
}

/** Two numbers or days as the ends of a range. */
export function rangeText(from: string | Text, to: string | Text): Text {
  return en`${from} to ${to}`.vi`${from} đến ${to}`;
}

/** An enumeration whose last joint is a word. */
export function andText(parts: readonly string[]): Text {
  return { en: parts.join(" and "), vi: parts.join(" và ") };
}

/** The title of a forecast's figure. */
export function forecastTitle(symbol: string, days: number, model: string): Text {
  return en`${symbol}: ${days}-day forecast by ${model}`.vi`${symbol}: dự báo ${days} ngày của ${model}`;
}

/** An instant to the minute, UTC. */
export function stamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace("T", " ");
}
