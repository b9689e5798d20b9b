import { numberIn } from "../../core/numbers.ts";
import { sameText, type Text, textOf } from "../../core/text.ts";
import { type EpochMs, toIso } from "../../time/epoch.ts";

const NONE = sameText("–");

/** A number with all its digits, thousands grouped: the page shows what the tables hold. */
export function numberText(value: number | null): Text {
  return value === null ? NONE : textOf((language) => numberIn(language, Number(value.toFixed(8))));
}

/** A price with as many digits as its size calls for. */
export function priceText(value: number | null): Text {
  if (value === null) return NONE;
  const shown = Number(value >= 1 ? value.toFixed(2) : value.toPrecision(6));
  return textOf((language) => numberIn(language, shown));
}

/** An instant in UTC, to the second. */
export function instantText(time: EpochMs | null): Text {
  return time === null ? NONE : sameText(toIso(time).slice(0, 19).replace("T", " "));
}

export function secondsText(count: number): Text {
  return sameText(count < 120 ? `${count} s` : `${Math.floor(count / 60)} min`);
}
