import { inputError } from "../core/errors.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";
import { type Interval, intervalMs, intervalOfMs, isInterval, parseInterval } from "../time/interval.ts";
import { type Evidence, ofRows } from "./evidence.ts";
import { lengthText, otherLength, type ShownLength, type Steps, shownLength } from "./steps.ts";

/** A length that candles state by a column of close times. */
export interface CloseLengths {
  /** Milliseconds from open to close, by how many rows have it. */
  lengths: ReadonlyMap<number, number>;
  rows: number;
}

/** Who states an interval, strongest first. */
export interface StatedInterval {
  interval: Interval;
  by: string;
}

/** Who states an interval on the command line, or in the folder's file. */
export const BY_OPTION = "--interval";

/** Steps of which some must be minutes. */
const STEPS_THAT_TELL = 20;

/** Steps that count against a name. */
const STEPS_THAT_COUNT = 3;

const INSTEAD = "Take the 1-minute file of the same market.";

/**
 * Compares what is stated of a file's interval with what its times show.
 * @param place the file, and a row of it as an example
 * @returns the interval with its evidence: the minute where nothing states or shows another
 * @throws CandlebookError `mixed_intervals`, `interval_conflict`, `other_interval` where the candles have a length that
 *   is no interval, or too few rows show one that nothing states
 */
export function checkInterval(
  place: string,
  statements: readonly StatedInterval[],
  steps: Steps,
  closes: CloseLengths | null,
): { interval: Interval; evidence: Evidence[] } {
  const [stated] = statements;
  const closing = closes === null ? null : closeLength(place, closes);
  const shown = closing ?? shownLength(steps);
  refuseMixed(place, stated, steps, shown);
  refuseConflict(place, statements, shown);
  const found = stated?.interval ?? shown?.shown ?? "1m";
  const weak = found !== "1m" && stated === undefined && !shown?.proven;
  if (isInterval(found) && !weak) return { interval: found, evidence: evidenceOf(found, stated, shown) };
  throw inputError(
    "other_interval",
    `${place} holds candles of ${found} (${shown?.by}), not of a minute.`,
    isInterval(found)
      ? `State their length: --interval ${found}; or, if these are minutes with gaps between them: --interval 1m.`
      : `If these are minutes with gaps between them: --interval 1m. ${INSTEAD}`,
  );
}

function refuseMixed(
  place: string,
  stated: StatedInterval | undefined,
  steps: Steps,
  shown: ShownLength | null,
): void {
  const own = shown?.length ?? (stated === undefined ? MINUTE_MS : intervalMs(stated.interval));
  const mixed = own === null || shown?.shown === "1M" ? null : otherLength(steps, own);
  if (mixed === null || (shown === null && stated !== undefined)) return;
  throw inputError(
    "mixed_intervals",
    `${place} holds candles of two lengths: ${shown?.shown ?? "1m"} and, many in a row, ${mixed}.`,
    "Give each length a file of its own.",
  );
}

/**
 * Rows in order, of which hardly any two are a minute apart, can be sparse minutes; that has to be stated.
 * @throws CandlebookError `other_interval`
 */
export function refuseWithoutMinutes(place: string, steps: Steps): void {
  const of = [...steps.values()].reduce((sum, { count }) => sum + count, 0);
  const minutes = steps.get(MINUTE_MS)?.count ?? 0;
  if (of < STEPS_THAT_TELL || minutes > of * 0.01 || shownLength(steps) !== null) return;
  const [[commonest, { count }]] = [...steps].sort(([, a], [, b]) => b.count - a.count);
  throw inputError(
    "other_interval",
    `${place}: ${minutes} of ${of} steps between open times are a minute; the commonest, in ${count}, is ${lengthText(commonest)}.`,
    `If these are sparse minutes: --interval 1m. ${INSTEAD}`,
  );
}

/** What the command line states settles what a column and a name state; the times are held against all that is left. */
function refuseConflict(
  place: string,
  statements: readonly StatedInterval[],
  shown: ShownLength | null,
): void {
  const [first] = statements;
  if (first === undefined) return;
  const held = first.by === BY_OPTION ? [first] : statements;
  // The person knows of gaps that a few rows do not show.
  const proven = shown !== null && (shown.proven || (first.by !== BY_OPTION && shown.of >= STEPS_THAT_COUNT));
  const against = proven ? { interval: shown.shown, by: shown.by } : first;
  const wrong = held.find(({ interval }) => interval !== against.interval);
  if (wrong === undefined) return;
  throw inputError(
    "interval_conflict",
    `${place}: ${wrong.by} states candles of ${wrong.interval}, but ${against.by} ${proven ? "shows" : "states"} ${against.interval}.`,
    `If these are candles of ${against.interval}, rename the file or state it: --interval ${against.interval}.`,
  );
}

/** A length that each of a symbol's few rows has from the one before, and no minute: by chance that is rarer than 1 in 1,000. */
export function refuseOtherSymbol(place: string, symbol: string, steps: Steps): void {
  const [first, ...others] = steps;
  if (first === undefined || others.length > 0) return;
  const [length, { count }] = first;
  if (length === MINUTE_MS || count < STEPS_THAT_COUNT || intervalOfMs(length) === null) return;
  throw inputError(
    "mixed_intervals",
    `${place} holds candles of two lengths: those of ${symbol} are ${lengthText(length)} apart, in ${count} of ${count} steps.`,
    "Give each length a file of its own; or, if these are minutes with gaps between them: --interval 1m.",
  );
}

function evidenceOf(
  answer: Interval,
  stated: StatedInterval | undefined,
  shown: ShownLength | null,
): Evidence[] {
  const say = (grade: Evidence["grade"], by: string): Evidence => ({
    question: "interval",
    answer,
    grade,
    by,
  });
  const found = stated === undefined ? [] : [say("stated", stated.by)];
  if (shown !== null) found.push(say(shown.of >= STEPS_THAT_COUNT ? "shown" : "assumed", shown.by));
  return found.length > 0 ? found : [say("assumed", "no two rows show a step")];
}

/** @throws CandlebookError `mixed_intervals` */
function closeLength(place: string, { lengths, rows }: CloseLengths): ShownLength | null {
  const known = [...lengths]
    .filter(([length]) => intervalOfMs(length) !== null || isMonth(length))
    .sort(([, a], [, b]) => b - a);
  if (known.length === 0) return null;
  const [[length, count], ...others] = known;
  const ofMonths = (other: number) => isMonth(other) && isMonth(length);
  const second = others.find(([other]) => !ofMonths(other));
  if (second !== undefined) {
    throw inputError(
      "mixed_intervals",
      `${place} holds candles of two lengths by their close times: ${lengthText(length)} in ${ofRows(count, rows)}, ${lengthText(second[0])} in ${ofRows(second[1], rows)}.`,
      "Give each length a file of its own.",
    );
  }
  // Months are of several lengths.
  const all = others.reduce((sum, [other, own]) => sum + (ofMonths(other) ? own : 0), count);
  if (all < rows / 2) return null;
  const by = `close time − open time in ${ofRows(all, rows)}`;
  return {
    length,
    shown: isMonth(length) ? "1M" : lengthText(length),
    count: all,
    of: rows,
    proven: true,
    by,
  };
}

const isMonth = (length: number) => length >= 28 * DAY_MS && length <= 31 * DAY_MS && length % DAY_MS === 0;

/** The length of a candle from its open and close times, which may be the last millisecond, the last second, or the next open time. */
export function candleLength(open: number, close: number): number {
  const length = close - open;
  if (length % 1000 === 999) return length + 1;
  return intervalOfMs(length) === null && intervalOfMs(length + 1000) !== null ? length + 1000 : length;
}

/**
 * An interval from a column's cell: also ISO 8601's `PT1H`, MetaTrader's `H1`, `HOUR_1`, and `D`. A bare number is minutes
 * or seconds, and states nothing where it can be both.
 */
export function intervalOfCell(cell: string): Interval | null {
  if (/^M$|^MN1?$|^P1M$/i.test(cell)) return cell === "m" ? "1m" : "1M";
  const [, unit, count = "1"] = /^(?:([SMHDW]|MINUTE|HOUR|DAY|WEEK|MONTH)_?)(\d+)?$/i.exec(cell) ?? [];
  if (unit !== undefined) return parseInterval(count + unit.toLowerCase());
  const [, iso, of] = /^P(?:T(?=\d+[HMS]$)|(?=\d+[DW]$))(\d+)([HMSDW])$/i.exec(cell) ?? [];
  if (iso !== undefined) return parseInterval(iso + of.toLowerCase());
  if (!/^\d+$/.test(cell)) return parseInterval(cell);
  const [minutes, seconds] = [intervalOfMs(Number(cell) * MINUTE_MS), intervalOfMs(Number(cell) * 1000)];
  return minutes !== null && seconds !== null ? null : (minutes ?? seconds);
}
