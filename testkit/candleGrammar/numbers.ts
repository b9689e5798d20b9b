import type { Dice } from "./dice.ts";
import type { Feature, Group } from "./feature.ts";
import type { Plan } from "./plan.ts";

/** Prices of the file's markets get this many digits, and this level where one is given. */
function setPrices(plan: Plan, digits: number, level?: number): void {
  plan.market = { ...plan.market, digits, level: level ?? plan.market.level };
  if (plan.other !== undefined) plan.other = { ...plan.other, digits, level: level ?? plan.other.level };
}

const dear = (plan: Plan) => plan.market.level > 20_000 && plan.market.kind !== "coin";
/** Contracts and coins are worth what they are worth. */
const anyPrice = (plan: Plan) => plan.market.kind === "spot";

function commaDelimiter(plan: Plan, dice: Dice): void {
  if (plan.delimiter === ",")
    plan.delimiter = dice.weighted([
      [4, ";"],
      [1, "\t"],
      [1, "|"],
    ]);
}

const marks: readonly Feature[] = [
  {
    label: "decimal comma",
    weight: 3,
    apply(plan, dice) {
      plan.numbers = { mark: ",", grouped: false };
      commaDelimiter(plan, dice);
      if (dice.chance(0.65)) plan.reading.decimal = ",";
    },
  },
  {
    label: "decimal comma and points between thousands",
    weight: 1,
    fits: dear,
    apply(plan, dice) {
      plan.numbers = { mark: ",", grouped: true };
      commaDelimiter(plan, dice);
      if (dice.chance(0.65)) plan.reading.decimal = ",";
    },
  },
  {
    label: "quoted thousands",
    weight: 2,
    fits: dear,
    apply(plan, dice) {
      plan.numbers = { mark: ".", grouped: true };
      if (dice.chance(0.6)) plan.reading.decimal = ".";
    },
  },
];

const threeDigits: readonly Feature[] = [
  {
    label: "whole prices with points between thousands",
    weight: 2,
    fits: dear,
    apply(plan, dice) {
      setPrices(plan, 0);
      plan.numbers = { mark: ",", grouped: true };
      plan.delimiter = ";";
      if (dice.chance(0.4)) plan.reading.decimal = ",";
    },
  },
  {
    label: "whole prices with quoted commas between thousands",
    weight: 1,
    fits: dear,
    apply(plan, dice) {
      setPrices(plan, 0);
      plan.numbers = { mark: ".", grouped: true };
      if (dice.chance(0.4)) plan.reading.decimal = ".";
    },
  },
  {
    label: "three digits behind the mark in a file with ;",
    weight: 2,
    fits: anyPrice,
    apply(plan, dice) {
      setPrices(
        plan,
        3,
        dice.pick([dice.uniform(50, 90), dice.uniform(50, 90), Math.max(plan.market.level, 50)]),
      );
      plan.numbers = { mark: dice.pick([".", ","]), grouped: false };
      plan.delimiter = ";";
      if (dice.chance(0.4)) plan.reading.decimal = plan.numbers.mark;
    },
  },
  {
    label: "three digits behind the mark in a file with commas",
    weight: 1,
    fits: (plan) => anyPrice(plan) && plan.delimiter === ",",
    apply(plan, dice) {
      setPrices(plan, 3, dice.uniform(50, 90));
    },
  },
];

/** How numbers are written. */
export const numbers: Group = {
  weight: 3,
  features: [
    ...marks,
    ...threeDigits,
    {
      label: "--decimal says what is so anyway",
      weight: 1,
      apply(plan) {
        plan.reading.decimal = ".";
      },
    },
    {
      label: "--decimal contradicts the numbers",
      weight: 1,
      fits: (plan) => plan.market.digits !== 3 && plan.market.digits !== 0,
      apply(plan) {
        plan.reading.decimal = ",";
        plan.must.add("ambiguous_decimal").add("no_valid_rows");
      },
    },
  ],
};
