import { DAY_MS, type EpochMs, type TimeSpan } from "../time/epoch.ts";

export const span = (from: number, to: number): TimeSpan => ({ from: from as EpochMs, to: to as EpochMs });

/** The same time as sorted, disjoint and non-empty spans. */
export function unite(spans: readonly TimeSpan[]): TimeSpan[] {
  const sorted = spans.filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from);
  const united: TimeSpan[] = [];
  for (const { from, to } of sorted) {
    const last = united.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to) as EpochMs;
    else united.push({ from, to });
  }
  return united;
}

/** The parts of `spans` that are in none of `others`. */
export function subtract(spans: readonly TimeSpan[], others: readonly TimeSpan[]): TimeSpan[] {
  const taken = unite(others);
  return unite(spans).flatMap(({ from, to }) => {
    const left: TimeSpan[] = [];
    let at: number = from;
    for (const other of taken) {
      if (other.to <= at || other.from >= to) continue;
      if (other.from > at) left.push(span(at, other.from));
      at = Math.max(at, other.to);
    }
    return at < to ? [...left, span(at, to)] : left;
  });
}

/** The parts of `spans` that are in `others` too. */
export function intersect(spans: readonly TimeSpan[], others: readonly TimeSpan[]): TimeSpan[] {
  return subtract(spans, subtract(spans, others));
}

/** Total milliseconds. */
export function length(spans: readonly TimeSpan[]): number {
  return unite(spans).reduce((sum, { from, to }) => sum + to - from, 0);
}

/** A span split into whole UTC days and the rest. */
export interface DividedSpan {
  days: TimeSpan[];
  rest: TimeSpan[];
}

/** All of a span as the rest. */
export const noDays = (one: TimeSpan): DividedSpan => ({ days: [], rest: [one] });

/** A span split into the whole UTC days in it and the parts before and after them. */
export function wholeDays({ from, to }: TimeSpan): DividedSpan {
  const first = Math.ceil(from / DAY_MS) * DAY_MS;
  const last = Math.floor(to / DAY_MS) * DAY_MS;
  if (last <= first) return { days: [], rest: [span(from, to)] };
  return { days: [span(first, last)], rest: unite([span(from, first), span(last, to)]) };
}
