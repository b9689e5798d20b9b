import { type EpochMs, toIso } from "../../time/epoch.ts";

// Not `formatNumber` of the charts, which rounds: the page shows what the tables hold.
const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 8 });
const NONE = "–";

/** A number with all its digits, thousands grouped. */
export function numberText(value: number | null): string {
  return value === null ? NONE : GROUPED.format(value);
}

/** A price with as many digits as its size calls for. */
export function priceText(value: number | null): string {
  if (value === null) return NONE;
  return value >= 1 ? GROUPED.format(Number(value.toFixed(2))) : String(Number(value.toPrecision(6)));
}

/** An instant in UTC, to the second. */
export function instantText(time: EpochMs | null): string {
  return time === null ? NONE : toIso(time).slice(0, 19).replace("T", " ");
}

export function secondsText(count: number): string {
  return count < 120 ? `${count} s` : `${Math.floor(count / 60)} min`;
}
