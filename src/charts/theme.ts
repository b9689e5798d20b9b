import type { Origin, Source } from "../candle/candle.ts";
import { en, type Text } from "../core/text.ts";

/**
 * Colours that colour-blind people can distinguish: Okabe and Ito, "Color Universal Design" (2008).
 * They are legible on white and on near-black.
 */
export const PALETTE = {
  blue: "#0072B2",
  sky: "#56B4E9",
  green: "#009E73",
  orange: "#E69F00",
  vermillion: "#D55E00",
  purple: "#CC79A7",
  yellow: "#F0E442",
  grey: "#8C8C8C",
} as const;

export const RISING = PALETTE.blue;
export const FALLING = PALETTE.vermillion;

export const ORIGIN_COLOURS: Record<Origin, string> = {
  batch: PALETTE.grey,
  backfill: PALETTE.sky,
  speed: PALETTE.green,
  filled: PALETTE.yellow,
};

/** DejaVu Sans is part of the project, for PNG; a browser without it uses the font nearest in width. */
export const FONT = "DejaVu Sans, Verdana, Geneva, sans-serif";
export const INK = "#2b2b2b";
export const FAINT = "#6b6b6b";
export const GRID = "#e4e4e4";
export const PAPER = "#ffffff";

/** Height of a figure in pixels; the width follows the page. Static figures are `WIDTH` wide. */
export const HEIGHT = 460;
export const WIDTH = 960;

/** The text under every figure. */
export const SOURCE_LABELS: Record<Source, Text> = {
  binance: en`Source: Binance public market data`.vi`Nguồn: dữ liệu thị trường công khai của Binance`,
  csv: { en: "Source: the reader's own CSV files", vi: "Nguồn: tệp CSV của chính người đọc" },
  simulated: en`Source: simulated market. Made-up prices, not the exchange's`
    .vi`Nguồn: thị trường mô phỏng. Giá bịa ra, không phải giá của sàn`,
};

/** The line that says whose prices a figure shows, and by what clock. */
export function sourceLine(source: Source): Text {
  return en`${SOURCE_LABELS[source]}; days are UTC`.vi`${SOURCE_LABELS[source]}; ngày tính theo UTC`;
}

/** The text across the figure; null where the data are real. */
export function watermarkOf(source: Source): Text | null {
  return source === "simulated" ? { en: "SIMULATED", vi: "MÔ PHỎNG" } : null;
}

/** A number for people: thousands separated, `digits` after the point, no locale of the machine. */
export function formatNumber(value: number, digits = 0): string {
  const [whole, fraction] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  const text = fraction === undefined ? grouped : `${grouped}.${fraction}`;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** A price with as many digits as its size calls for: 118,204 · 3.42 · 0.0000123. */
export function formatPrice(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || size >= 1000) return formatNumber(value);
  if (size >= 1) return formatNumber(value, 2);
  return Number(value.toPrecision(4)).toFixed(Math.min(12, 4 - Math.floor(Math.log10(size)) - 1));
}

/** A share as percent with one digit. */
export function formatPercent(share: number): string {
  return `${formatNumber(share * 100, 1)} %`;
}

/** A quantity in few characters: 40k · 2.5M. */
export function formatCompact(value: number): string {
  const size = Math.abs(value);
  const [divisor, unit] =
    size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
  return `${Number((value / divisor).toPrecision(3))}${unit}`;
}
