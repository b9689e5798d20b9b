import { expect, it } from "vitest";
import { tableText } from "../display/table.ts";
import { LOSSES, type LossName } from "../evaluation/losses.ts";

it("shows each loss with the decimals that the command line shows it with", () => {
  // These are in the currency, and have the digits of its prices.
  const inMoney = new Set(["mae", "rmse"]);
  const names = (Object.keys(LOSSES) as LossName[]).filter((name) => !inMoney.has(name));
  const decimals = names.map((name) => [
    name,
    tableText([{ [name]: 7.8376238 }])
      .split("\n")[1]
      .split(".")[1].length,
  ]);
  expect(decimals).toEqual(names.map((name) => [name, LOSSES[name].digits]));
});
