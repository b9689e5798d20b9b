import type { Origin, Source } from "../candle/candle.ts";
import { numberIn } from "../core/numbers.ts";
import { en, type Text, textOf } from "../core/text.ts";

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

/** A number for people; `digits` as `numberIn` has them. */
export function formatNumber(value: number, digits?: number): Text {
  return textOf((language) => numberIn(language, value, digits));
}

/** A price with as many digits as its size calls for: 118,204 · 3.42 · 0.0000123. */
export function formatPrice(value: number): Text {
  return formatNumber(value, priceDigits(value));
}

/** The decimals with which a price of that size is shown. */
export function priceDigits(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || size >= 1000) return 0;
  return size >= 1 ? 2 : Math.min(12, 3 - Math.floor(Math.log10(size)));
}

/** A number of percent: `12.1 %`. */
export function formatPercent(percent: number, digits = 1): Text {
  return textOf((language) => `${numberIn(language, percent, digits)} %`);
}

/** A quantity in few characters: 40k · 2.5M. */
export function formatCompact(value: number): Text {
  const size = Math.abs(value);
  const [divisor, unit] =
    size >= 1e9 ? [1e9, "G"] : size >= 1e6 ? [1e6, "M"] : size >= 1e3 ? [1e3, "k"] : [1, ""];
  const short = Number((value / divisor).toPrecision(3));
  return textOf((language) => `${numberIn(language, short)}${unit}`);
}
