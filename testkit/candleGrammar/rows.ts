import type { Dice } from "./dice.ts";
import { type Feature, type Group, withHeader } from "./feature.ts";
import { type Damage, MINUTE, type Plan } from "./plan.ts";

const noDays = (plan: Plan) => plan.intervalMs === MINUTE && plan.laterMs === undefined;
const exactTimes = (plan: Plan) => noDays(plan) && !plan.time.closing && !plan.time.coarse;

/** One row, or two where that is no more than one in a hundred. */
const few = (rows: number) => (rows >= 220 ? 2 : 1);

function share(dice: Dice): (rows: number) => number {
  const part = dice.uniform(0.05, 0.5);
  return (rows) => Math.max(3, Math.ceil(rows * part));
}

function shape(kind: Damage, label: string, fits: (plan: Plan) => boolean): Feature[] {
  const setMany = (plan: Plan, dice: Dice) => {
    plan.damage = { kind, rows: share(dice) };
  };
  return [
    {
      label: `one row in a hundred ${label}`,
      weight: 1,
      fits,
      apply(plan) {
        plan.damage = { kind, rows: few };
      },
    },
    {
      label: `many rows ${label}`,
      weight: 1,
      fits,
      apply(plan, dice) {
        setMany(plan, dice);
        plan.must.add("misread_columns");
      },
    },
    {
      label: `many rows ${label}, --accept-rejects`,
      weight: 1,
      // What has another order would be accepted too.
      fits: (plan) => fits(plan) && !plan.must.has("misread_columns"),
      apply(plan, dice) {
        setMany(plan, dice);
        plan.reading.acceptRejects = true;
      },
    },
  ];
}

/** Rows that are no candles, and what looks like a row. */
export const rows: Group = {
  weight: 3,
  features: [
    ...shape("swapped", "with high below low", noDays),
    ...shape("offGrid", "off the grid", exactTimes),
    {
      label: "minutes of NaN",
      weight: 2,
      fits: noDays,
      apply(plan, dice) {
        const part = dice.uniform(0.02, 0.6);
        plan.damage = { kind: "nan", rows: (count) => Math.ceil(count * part) };
      },
    },
    {
      label: "torn last line",
      weight: 1,
      fits: noDays,
      apply(plan) {
        plan.damage = { kind: "torn", rows: () => 1 };
      },
    },
    {
      label: "blank lines",
      weight: 1,
      apply(plan) {
        plan.damage = { kind: "blank", rows: few };
      },
    },
    {
      label: "gaps",
      weight: 2,
      apply(plan, dice) {
        plan.gaps = dice.uniform(0.05, 0.35);
      },
    },
    {
      label: "the same header in the middle",
      weight: 2,
      fits: withHeader,
      apply(plan) {
        plan.headerAgain = "same";
      },
    },
    {
      label: "a header of another order in the middle",
      weight: 2,
      fits: (plan) => withHeader(plan) && plan.reading.columns === undefined,
      apply(plan) {
        plan.headerAgain = "other order";
        plan.must.add("second_header").add("misread_columns");
      },
    },
    {
      label: "an address above the header",
      weight: 1,
      fits: withHeader,
      apply(plan) {
        plan.preamble = "https://www.CryptoDataDownload.com";
        plan.may.add("unknown_form");
      },
    },
  ],
};
