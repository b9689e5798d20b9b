import { inputError } from "../../core/errors.ts";
import { parseDay, startOfDay } from "../../time/day.ts";
import type { Settings } from "./prophetOptions.ts";

/**
 * Dates at which the trend may change its slope, as `set_changepoints` of Python Prophet: every row of an
 * even grid over the first `changepointRange` of the history, without the first. Dates that fall together
 * are one changepoint.
 * @param ds the history's dates, sorted, milliseconds
 * @returns milliseconds, ascending
 * @throws CandlebookError `prophet_changepoints` where a given one lies outside the history
 */
export function makeChangepoints(ds: Float64Array, settings: Settings): number[] {
  const chosen = settings.changepoints?.map((text) => parseChangepoint(text, ds));
  return [...new Set(chosen ?? evenGrid(ds, settings))].sort((a, b) => a - b);
}

function evenGrid(ds: Float64Array, { nChangepoints, changepointRange }: Settings): number[] {
  const rows = Math.floor(ds.length * changepointRange);
  const count = Math.min(nChangepoints, rows - 1);
  const step = (rows - 1) / count;
  return Array.from({ length: Math.max(0, count) }, (_, j) => ds[roundHalfEven((j + 1) * step)]);
}

/** numpy's `round`: 0.5 goes to 0, 1.5 to 2. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

function parseChangepoint(text: string, ds: Float64Array): number {
  const day = parseDay(text);
  const at = day === null ? Number.NaN : startOfDay(day);
  if (at >= ds[0] && at <= ds[ds.length - 1]) return at;
  throw inputError(
    "prophet_changepoints",
    `The changepoint ${text} is not a day inside the history.`,
    "Give days as YYYY-MM-DD from the first to the last date of the history.",
  );
}
