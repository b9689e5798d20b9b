import type { Dice } from "./dice.ts";
import { spell } from "./market.ts";
import { MINUTE, type Plan, usualPlan } from "./plan.ts";
import { type FullCandle, rounded, type Stretch, walk } from "./series.ts";

/** What one file of a case holds, in ascending order. */
export interface Part {
  plan: Plan;
  candles: FullCandle[];
  /** In the file's name, with the sign before it. */
  date: string;
}

const DAY = 1_440 * MINUTE;
/** The first Monday of 1970: weeks begin there. */
const MONDAY = 4 * DAY;

export function makeParts(plan: Plan, dice: Dice): Part[] {
  const stretch = firstStretch(plan, dice);
  const date = (days: number) => `-${new Date(stretch.from + days * DAY).toISOString().slice(0, 10)}`;
  if (plan.join === undefined) {
    const dated = plan.nameSays !== "base" && dice.chance(0.5);
    return [{ plan, candles: single(plan, stretch, dice), date: dated ? date(0) : "" }];
  }
  const [first, second] = joined(plan, stretch, dice);
  const form = plan.otherForm ? otherForm(plan, second[0]) : plan;
  return [
    { plan, candles: first, date: date(0) },
    { plan: form, candles: second, date: date(1) },
  ];
}

function firstStretch(plan: Plan, dice: Dice): Stretch {
  const step = Math.max(plan.intervalMs, plan.laterMs ?? 0);
  const most = Math.min(400, Math.max(60, Math.floor((150 * DAY) / step)));
  const rows = dice.int(plan.laterMs === undefined ? 40 : 60, dice.chance(0.6) ? Math.min(most, 120) : most);
  // The last row is in the past of the tests, 2026.
  const year = dice.int(2018, step >= 30 * MINUTE ? 2023 : 2025);
  const month = dice.int(0, 9);
  const [day, last] = plan.monthDays;
  const time = Date.UTC(year, month, dice.int(day, last)) + dice.int(0, 1_439) * MINUTE;
  return { from: onGrid(time, step), step: plan.intervalMs, rows, gaps: plan.gaps };
}

function onGrid(time: number, step: number): number {
  const origin = step === 7 * DAY ? MONDAY : 0;
  return Math.floor((time - origin) / step) * step + origin;
}

function single(plan: Plan, stretch: Stretch, dice: Dice): FullCandle[] {
  if (plan.other !== undefined) {
    const both = [plan.market, plan.other].map((market) =>
      walk(market, { ...stretch, rows: Math.ceil(stretch.rows / 2) }, dice),
    );
    return dice.chance(0.3) ? both.flat() : both.flat().sort((a, b) => a.openTime - b.openTime);
  }
  if (plan.laterMs === undefined) return walk(plan.market, stretch, dice);
  const half = { ...stretch, rows: Math.ceil(stretch.rows / 2), gaps: 0 };
  const before = walk(plan.market, half, dice);
  const end = before[before.length - 1].openTime + Math.max(plan.intervalMs, plan.laterMs);
  return [
    ...before,
    ...walk(plan.market, { ...half, from: onGrid(end, plan.laterMs), step: plan.laterMs }, dice),
  ];
}

/** The candles of two files. */
function joined(plan: Plan, stretch: Stretch, dice: Dice): [FullCandle[], FullCandle[]] {
  const { market } = plan;
  const { rows } = stretch;
  const first = walk(market, stretch, dice);
  const after = { ...stretch, from: first[rows - 1].openTime + dice.int(1, 30) * MINUTE };
  const shared = Math.ceil(rows * dice.uniform(0.4, 0.7));
  const again = first.slice(rows - shared);
  switch (plan.join) {
    case "overlapping":
      return [first, [...again, ...walk(market, after, dice)]];
    case "some disagree":
      return [
        first,
        [...again.map((candle, i) => (i % 6 === 0 ? busier(candle) : candle)), ...walk(market, after, dice)],
      ];
    case "disagreeing": {
      const level = market.level * dice.uniform(1.001, 1.02);
      return [first, walk({ ...market, level }, { ...stretch, from: again[0].openTime }, dice)];
    }
    case "other market":
      return [first, walk(perpetualOf(plan), stretch, dice)];
    case "other scale":
      return [first, walk(market, { ...after, scale: 1 / 1_000 }, dice)];
    case "rise":
      return [first, walk(market, { ...after, scale: 3 }, dice)];
    default:
      return [first, walk(market, after, dice)];
  }
}

/** A later state of a candle: more was traded. */
function busier(candle: FullCandle): FullCandle {
  const base = rounded(candle.base + 1, 5);
  return { ...candle, base, quote: rounded(base * candle.vwap, 8), trades: candle.trades + 3 };
}

function perpetualOf({ market }: Plan) {
  const { base, quote, digits } = market;
  const level = market.level * 1.003;
  return { base, quote, digits, level, kind: "perpetual" as const, symbol: `${base}${quote}_PERP` };
}

/** A usual file whose market is said by `SYMBOL=`. */
function otherForm(plan: Plan, { market }: FullCandle): Plan {
  const text = market.kind === "perpetual" ? `${spell(market, "slash")}:${market.quote}` : market.symbol;
  const usual = usualPlan(market);
  if (plan.reading.allowConflicts) usual.reading.allowConflicts = true;
  return { ...usual, stem: "more", nameSays: "nothing", option: { text, symbol: market.symbol } };
}
