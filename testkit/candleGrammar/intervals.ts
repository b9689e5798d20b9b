import type { Dice } from "./dice.ts";
import { type Feature, type Group, insertColumn, withHeader } from "./feature.ts";
import { has, MINUTE, type Plan } from "./plan.ts";
import type { Reading } from "./types.ts";

export const INTERVALS: Readonly<Record<string, number>> = {
  "1s": 1_000,
  "1m": MINUTE,
  "3m": 3 * MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "30m": 30 * MINUTE,
  "1h": 60 * MINUTE,
  "4h": 240 * MINUTE,
  "1d": 1_440 * MINUTE,
  "1w": 7 * 1_440 * MINUTE,
};

export const nameOf = (ms: number) =>
  Object.entries(INTERVALS).find(([, length]) => length === ms)?.[0] as string;

const OTHERS = [
  [3, "1h"],
  [2, "5m"],
  [2, "1s"],
  [2, "1d"],
  [1, "3m"],
  [1, "15m"],
  [1, "30m"],
  [1, "4h"],
  [1, "1w"],
] as const;

/** The name of the file is its seller's own, with its own length in it. */
const freeName = (plan: Plan) => plan.nameSays !== "base";
const freeColumns = (plan: Plan) => withHeader(plan) && plan.reading.columns === undefined;

type Statement = "close time" | "column" | "name" | "nothing" | "option";

function state(plan: Plan, how: Statement, interval: string, dice: Dice): void {
  if (how === "option") plan.reading.interval = interval as Reading["interval"];
  if (how === "name") plan.nameInterval = `${dice.pick(["-", "_"])}${interval}`;
  if (how === "column" && !has(plan, "interval")) {
    insertColumn(plan, { word: dice.pick(["interval", "Interval"]), field: "interval" }, dice);
  }
  if (how === "column") plan.intervalText = interval;
  if (how === "close time" && !has(plan, "closeTime")) {
    insertColumn(plan, { word: dice.pick(["close_time", "Close time"]), field: "closeTime" }, dice);
  }
}

const fitting = (how: Statement) => (plan: Plan) =>
  freeName(plan) && (how === "column" || how === "close time" ? freeColumns(plan) : true);

const STATEMENTS: readonly Statement[] = ["nothing", "option", "name", "column", "close time"];

const minutes = STATEMENTS.slice(1).map(
  (how): Feature => ({
    label: `1m, stated by ${how}`,
    weight: 1,
    fits: fitting(how),
    apply: (plan, dice) => state(plan, how, "1m", dice),
  }),
);

const others = STATEMENTS.map(
  (how): Feature => ({
    label: `another interval, stated by ${how}`,
    weight: 1,
    fits: fitting(how),
    apply(plan, dice) {
      const interval = dice.weighted(OTHERS);
      plan.intervalMs = INTERVALS[interval];
      state(plan, how, interval, dice);
      // Few rows do not show a length that nothing states.
      if (how === "nothing") plan.may.add("other_interval");
    },
  }),
);

const conflicts = (["option", "name", "column"] as const).map(
  (how): Feature => ({
    label: `the interval by ${how} contradicts the times`,
    weight: 1,
    fits: fitting(how),
    apply(plan, dice) {
      const other = dice.weighted(OTHERS);
      const [stated, shown] = dice.chance(0.5) ? ["1m", other] : [other, "1m"];
      plan.intervalMs = INTERVALS[shown];
      state(plan, how, stated, dice);
      plan.must.add("interval_conflict").add("other_interval");
    },
  }),
);

const mixed: readonly Feature[] = (["nothing", "close time", "column"] as const).map((how) => ({
  label: `two intervals in one file, stated by ${how}`,
  weight: 1,
  // With two symbols in the file, the stretch can be the other one's alone.
  fits: (plan) => fitting(how)(plan) && !has(plan, "symbol"),
  apply(plan, dice) {
    const lengths = dice.shuffled([MINUTE, INTERVALS[dice.pick(["5m", "15m", "1h"])]]);
    [plan.intervalMs, plan.laterMs] = lengths;
    state(plan, how, "", dice);
    if (how === "column") plan.intervalText = undefined;
    plan.must.add("mixed_intervals").add("other_interval");
  },
}));

/** The length of the candles, and what says it. */
export const intervals: Group = { weight: 4, features: [...minutes, ...others, ...conflicts, ...mixed] };
