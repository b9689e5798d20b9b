import { DAY_MS, HOUR_MS, MINUTE_MS } from "../time/epoch.ts";
import { INTERVALS, type Interval, intervalMs, intervalOfMs } from "../time/interval.ts";

/** Steps between the open times of neighbouring rows of one symbol: by length in milliseconds, how many, and how many in a row at most. */
export type Steps = ReadonlyMap<number, { count: number; run: number }>;

type Counts = Map<number, { count: number; run: number }>;

/** Adds steps of one length that follow each other. */
export function addRun(steps: Counts, length: number, run: number): void {
  if (run === 0 || length === 0) return;
  const known = steps.get(length);
  steps.set(length, { count: (known?.count ?? 0) + run, run: Math.max(known?.run ?? 0, run) });
}

/** Counts steps in milliseconds; a negative step is one of a file in descending order, and 0 is none. */
export function countSteps(steps: Iterable<number>): Steps {
  const counts: Counts = new Map();
  let [length, run] = [0, 0];
  for (const step of steps) {
    if (Math.abs(step) === length) run += 1;
    else {
      addRun(counts, length, run);
      [length, run] = [Math.abs(step), 1];
    }
  }
  addRun(counts, length, run);
  return counts;
}

/** The counts of several stretches together. */
export function sumSteps(stretches: Iterable<Steps>): Steps {
  const sum: Counts = new Map();
  for (const steps of stretches) {
    for (const [length, { count, run }] of steps) {
      const known = sum.get(length);
      sum.set(length, { count: (known?.count ?? 0) + count, run: Math.max(known?.run ?? 0, run) });
    }
  }
  return sum;
}

/** Steps that prove a length against what the person states of it. */
const STEPS_THAT_PROVE = 10;
const NEARLY_ALL = 0.95;

/** A length of candles that steps show. */
export interface ShownLength {
  /** Milliseconds; of months, that of the commonest month. */
  length: number;
  /** `1h`, `10 minutes`. */
  shown: string;
  /** How many of the steps have it, or a multiple of it. */
  count: number;
  of: number;
  /** False where the steps are few. */
  proven: boolean;
  /** What shows it, in words. */
  by: string;
}

/**
 * The length of the candles, by the commonest step: the others are gaps, multiples of it. Between sparse minutes no
 * length but the minute has that property.
 * @returns null where no length has it
 */
export function shownLength(steps: Steps): ShownLength | null {
  const all = [...steps].sort(([a, x], [b, y]) => y.count - x.count || a - b);
  const of = all.reduce((sum, [, { count }]) => sum + count, 0);
  if (of === 0) return null;
  const [length] = all[0];
  const share = (fits: (length: number) => boolean) =>
    all.reduce((sum, [step, { count }]) => sum + (fits(step) ? count : 0), 0);
  const months = share((step) => step % DAY_MS === 0 && step >= 28 * DAY_MS && step <= 31 * DAY_MS);
  const multiples = share((step) => step % length === 0);
  const count = Math.max(months, multiples);
  const own = steps.get(MINUTE_MS)?.count ?? 0;
  if (count < of * NEARLY_ALL || (length !== MINUTE_MS && own > of - of * NEARLY_ALL)) return null;
  if (of < STEPS_THAT_PROVE && intervalOfMs(length) === null && months < of) return null;
  const shown = months >= of * NEARLY_ALL && of > 1 ? "1M" : lengthText(length);
  const by = `${count} of ${of} steps between open times`;
  return { length, shown, count, of, proven: of >= STEPS_THAT_PROVE, by };
}

/**
 * Another length that a stretch of the rows has, or null. Between sparse trades a step of any length occurs now and then, but
 * hardly so often in a row: a step of k times the interval has a probability of at most 1 / (e k) where trades occur by chance, and
 * a run as long as this one of less than 1e-12.
 */
export function otherLength(steps: Steps, own: number): string | null {
  for (const interval of INTERVALS) {
    const length = intervalMs(interval);
    if (length === null || length === own) continue;
    const ratio = length > own ? length / own : own / length;
    if ((steps.get(length)?.run ?? 0) >= 12 / Math.log10(Math.E * ratio)) return interval;
  }
  return null;
}

/** A length of time as its interval, or in words where it is none. */
export function lengthText(ms: number): string {
  const interval: Interval | undefined = INTERVALS.find((one) => intervalMs(one) === ms);
  if (interval !== undefined) return interval;
  const units = [
    [DAY_MS, "days"],
    [HOUR_MS, "hours"],
    [MINUTE_MS, "minutes"],
    [1000, "seconds"],
  ] as const;
  const [unit, name] = units.find(([unit]) => ms % unit === 0) ?? [1, "milliseconds"];
  return `${ms / unit} ${ms === unit ? name.slice(0, -1) : name}`;
}
