import type { Dice } from "./dice.ts";
import { type Group, unfixed } from "./feature.ts";
import { type Column, type Field, type Plan, sixColumns } from "./plan.ts";

/** Orders that the rule of prices contradicts when they are taken for open, high, low, close. */
const CONTRADICTED: readonly Field[][] = [
  ["time", "low", "high", "open", "close", "base"],
  ["time", "open", "close", "high", "low", "base"],
  ["time", "open", "low", "high", "close", "base"],
  ["time", "high", "low", "open", "close", "base"],
  ["time", "base", "open", "high", "low", "close"],
];

const PRICES: readonly Field[] = ["open", "high", "low", "close"];

const six = (plan: Plan) => unfixed(plan) && plan.columns.length === 6;

/** The word that `--columns` has for a field. */
export const optionWord = (field: Field) => (field === "base" ? "volume" : field);

function bare(plan: Plan, fields: readonly Field[]): void {
  plan.header = "none";
  plan.fixed = true;
  plan.columns = fields.map((field) => ({ word: field, field }));
}

function withoutPrices(plan: Plan, dice: Dice): Column[] {
  const prices = dice.shuffled(plan.columns.filter(({ field }) => PRICES.includes(field)));
  return plan.columns.map((column) => (PRICES.includes(column.field) ? (prices.pop() as Column) : column));
}

/** The order of the columns, and whether it is known. */
export const order: Group = {
  weight: 4,
  features: [
    {
      label: "prices in another order under a header",
      weight: 2,
      fits: unfixed,
      apply(plan, dice) {
        plan.columns = withoutPrices(plan, dice);
      },
    },
    {
      label: "all columns in another order under a header",
      weight: 1,
      fits: unfixed,
      apply(plan, dice) {
        plan.columns = dice.shuffled(plan.columns);
      },
    },
    {
      label: "another order without header",
      weight: 2,
      fits: six,
      apply(plan, dice) {
        bare(plan, dice.pick(CONTRADICTED));
        plan.must.add("misread_columns").add("unknown_form");
      },
    },
    {
      label: "another order without header, --columns",
      weight: 2,
      fits: six,
      apply(plan, dice) {
        const trades = dice.chance(0.3) ? (["trades"] as const) : [];
        bare(plan, [...dice.pick(CONTRADICTED), ...trades]);
        plan.reading.columns = plan.columns.map(({ field }) => optionWord(field));
      },
    },
    {
      label: "--columns is wrong",
      weight: 1,
      fits: six,
      apply(plan, dice) {
        bare(
          plan,
          sixColumns().map(({ field }) => field),
        );
        plan.reading.columns = dice.pick(CONTRADICTED).map(optionWord);
        plan.must.add("misread_columns");
      },
    },
    {
      label: "the header names another order than the prices have",
      weight: 1,
      fits: six,
      apply(plan, dice) {
        const fields = dice.pick(CONTRADICTED.slice(0, 4));
        plan.columns = plan.columns.map(({ word }, i) => ({ word, field: fields[i] }));
        plan.fixed = true;
        plan.must.add("misread_columns");
      },
    },
    {
      label: "header of unknown words",
      weight: 1,
      fits: six,
      apply(plan) {
        rename(plan);
        plan.must.add("unknown_form");
      },
    },
    {
      label: "header of unknown words, --columns",
      weight: 1,
      fits: six,
      apply(plan) {
        rename(plan);
        plan.reading.columns = plan.columns.map(({ field }) => optionWord(field));
      },
    },
    {
      label: "five, eight or nine columns without header",
      weight: 1,
      fits: six,
      apply(plan, dice) {
        const fields = sixColumns().map(({ field }) => field);
        const more: Field[] = ["one", "zero", "one"];
        bare(plan, dice.pick([fields.slice(0, 5), [...fields, ...more.slice(1)], [...fields, ...more]]));
        plan.must.add("unknown_form");
      },
    },
  ],
};

function rename(plan: Plan): void {
  const german = ["Zeit", "Auf", "Hoch", "Tief", "Schluss", "Menge"];
  plan.columns = plan.columns.map(({ field }, i) => ({ word: german[i], field }));
  plan.headerIsStrange = true;
  plan.fixed = true;
}
