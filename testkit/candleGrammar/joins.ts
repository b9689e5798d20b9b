import type { Feature, Group } from "./feature.ts";
import { type Join, MINUTE, type Plan } from "./plan.ts";

/** A file of minutes of one dear symbol, whose rows are whole. */
function joins(plan: Plan): boolean {
  if (plan.intervalMs !== MINUTE || plan.laterMs !== undefined || plan.other !== undefined) return false;
  if (plan.damage !== undefined || plan.headerAgain !== undefined) return false;
  return plan.nameSays !== "base" && plan.container !== "empty zip" && plan.time.lossy !== true;
}

function join(kind: Join, label: string, fits: (plan: Plan) => boolean = () => true): Feature {
  return {
    label,
    weight: 1,
    fits: (plan) => joins(plan) && fits(plan),
    apply(plan, dice) {
      plan.join = kind;
      plan.otherForm = plan.market.kind === "spot" && dice.chance(0.4);
    },
  };
}

/** Nothing says the scale of the prices but the prices. */
const openScale = (plan: Plan) => plan.market.level > 20_000 && plan.reading.decimal === undefined;
/** A future quoted in dollars themselves may be one of contracts. */
const spotOnly = (plan: Plan) =>
  plan.market.kind === "spot" && plan.market.quote !== "USD" && plan.option === undefined;

/** A second file, of the same series or not. */
export const joinGroup: Group = {
  weight: 4,
  features: [
    join("disjoint", "two files, one after the other"),
    join("overlapping", "two files that overlap and agree"),
    join("some disagree", "two files that disagree in some minutes"),
    {
      ...join("disagreeing", "two files that disagree in most minutes"),
      apply(plan, dice) {
        plan.join = "disagreeing";
        plan.otherForm = plan.market.kind === "spot" && dice.chance(0.4);
        if (dice.chance(0.35)) plan.reading.allowConflicts = true;
        else plan.must.add("conflicting_files");
      },
    },
    {
      ...join("other scale", "two files, one in thousands", openScale),
      apply(plan, dice) {
        plan.join = "other scale";
        plan.otherForm = plan.market.kind === "spot" && dice.chance(0.4);
        plan.must.add("other_scale");
      },
    },
    join("rise", "two files, the second three times as dear", openScale),
    {
      ...join("other market", "two files, spot and perpetual of one pair", spotOnly),
      apply(plan) {
        plan.join = "other market";
        plan.otherForm = true;
      },
    },
  ],
};
