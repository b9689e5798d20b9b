import type { Dice } from "./dice.ts";
import { type Feature, type Group, replaceField, withHeader } from "./feature.ts";
import { has, MINUTE, type Plan } from "./plan.ts";
import * as times from "./times.ts";

/** Zones as options give them, with what their clocks are ahead of UTC. */
const ZONES: readonly (readonly [number, readonly [zone: string, aheadMs: number]])[] = [
  [4, ["UTC", 0]],
  [1, ["+07:00", 7 * 60 * MINUTE]],
  [1, ["Asia/Ho_Chi_Minh", 7 * 60 * MINUTE]],
];

/** Not so without a header: there the number of columns is the form. */
const endIsDispensable = (plan: Plan) => !has(plan, "closeTime") || plan.header !== "none";

function setForm(plan: Plan, form: times.TimeForm): void {
  plan.time = form;
  if (form.writeEnd === undefined) plan.columns = replaceField(plan.columns, "closeTime");
}

function settleZone(plan: Plan, dice: Dice, probability: number): void {
  if (!dice.chance(probability)) return;
  const [zone, ahead] = dice.weighted(ZONES);
  plan.reading.zone = zone;
  plan.aheadMs = ahead;
}

function plain(label: string, form: times.TimeForm): Feature {
  return {
    label,
    weight: 1,
    fits: (plan) =>
      (form.writeEnd !== undefined || endIsDispensable(plan)) && !(form.lossy && has(plan, "wall")),
    apply: (plan) => setForm(plan, form),
  };
}

const local: readonly Feature[] = [
  {
    label: "ISO times without zone",
    weight: 3,
    apply(plan, dice) {
      setForm(plan, times.ISO_LOCAL);
      settleZone(plan, dice, 0.6);
    },
  },
  {
    label: "date and time in two columns",
    weight: 2,
    fits: (plan) => withHeader(plan) && !has(plan, "wall") && plan.reading.columns === undefined,
    apply(plan, dice) {
      setForm(plan, times.SPLIT);
      const words = dice.pick([
        ["Date", "Time"],
        ["date", "time"],
        ["DATE", "TIME"],
      ]);
      const [day, clock] = words;
      plan.columns = replaceField(
        plan.columns,
        "time",
        { word: day, field: "day" },
        { word: clock, field: "clock" },
      );
      settleZone(plan, dice, 0.65);
    },
  },
  {
    label: "days of a spreadsheet",
    weight: 2,
    fits: endIsDispensable,
    apply(plan, dice) {
      setForm(plan, times.EXCEL);
      settleZone(plan, dice, 0.7);
    },
  },
];

function dated(order: "dmy" | "mdy" | "ymd", label: string): Feature {
  return {
    label,
    weight: order === "dmy" ? 3 : 1,
    fits: (plan) => plan.intervalMs >= MINUTE && endIsDispensable(plan),
    apply(plan, dice) {
      const sign = order === "ymd" ? "/" : dice.pick(["/", ".", "-"]);
      setForm(plan, times.dateForm(order, sign, dice.pick(["", "seconds"])));
      plan.monthDays = dice.chance(0.7) ? [1, 9] : [13, 26];
      if (dice.chance(0.6)) plan.reading.dateOrder = order;
      settleZone(plan, dice, 0.85);
    },
  };
}

/** How times are written. */
export const moments: Group = {
  weight: 5,
  features: [
    plain("seconds", times.SECONDS),
    plain("microseconds", times.MICROSECONDS),
    plain("nanoseconds", times.NANOSECONDS),
    plain("seconds with a decimal mark", times.FLOAT_SECONDS),
    plain("ISO times with Z", times.ISO_Z),
    plain("ISO times with +00:00", times.ISO_OFFSET),
    plain("ISO times with +07:00", times.ISO_HANOI),
    plain("times with GMT", times.suffixed("GMT")),
    plain("times with UTC", times.suffixed("UTC")),
    { ...plain("times with an exponent", times.EXPONENT), weight: 2 },
    ...local,
    dated("dmy", "the day first in dates"),
    dated("mdy", "the month first in dates"),
    dated("ymd", "the year first in dates, with /"),
    {
      label: "times of the end of each minute",
      weight: 2,
      fits: (plan) => plan.intervalMs === MINUTE && plan.laterMs === undefined && !has(plan, "closeTime"),
      apply: (plan, dice) => setForm(plan, dice.pick(times.CLOSING)),
    },
  ],
};
