import { DIALECTS, type Dialect } from "./dialects.ts";
import type { Feature, Group } from "./feature.ts";
import { spell, spot } from "./market.ts";
import { sixColumns } from "./plan.ts";
import { SECONDS } from "./times.ts";

const TIME_WORDS = ["open_time", "timestamp", "unix", "datetime", "date", "Open time", "Unix Timestamp"];

function known(dialect: Dialect): Feature {
  return {
    label: dialect.label,
    weight: 1,
    apply(plan, dice) {
      plan.columns = [...dialect.columns];
      plan.fixed = true;
      plan.delimiter = dialect.delimiter ?? plan.delimiter;
      plan.descending = dialect.descending ?? false;
      if (dialect.bare) plan.header = "none";
      if (dialect.seconds) plan.time = SECONDS;
      if (!dialect.swap) return;
      const price = { level: dice.uniform(30_000, 60_000), digits: 1 };
      plan.market = { ...spot("BTC", "USDT", price), kind: "perpetual", symbol: "BTCUSDT_PERP" };
      plan.spell = (market) => `${spell(market, "dash")}-SWAP`;
      plan.stem = "BTC-USDT-SWAP";
      plan.may.add("contract_volume");
    },
  };
}

/** The words of the header, and forms without one. */
export const words: Group = {
  weight: 6,
  features: [
    ...DIALECTS.map(known),
    {
      label: "common words",
      weight: 2,
      apply(plan, dice) {
        plan.columns = sixColumns(dice.pick(TIME_WORDS));
        const style = dice.pick(["plain", "title", "upper"]);
        plan.columns = plan.columns.map(({ word, field }) => {
          if (style === "upper") return { word: word.toUpperCase(), field };
          return { word: style === "title" ? word[0].toUpperCase() + word.slice(1) : word, field };
        });
      },
    },
    {
      label: "quoted header",
      weight: 1,
      apply(plan) {
        plan.header = "quoted";
      },
    },
  ],
};
