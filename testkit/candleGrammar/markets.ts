import type { Dice } from "./dice.ts";
import { type Feature, type Group, insertColumn, withHeader } from "./feature.ts";
import { type Market, type Spelling, spell, spot } from "./market.ts";
import { has, type Plan } from "./plan.ts";

const NEUTRAL = ["all", "candles", "data", "export", "minutes", "ohlcv", "prices"];
const DELIVERY = "240628";

const isSpot = ({ market }: Plan) => market.kind === "spot";

function named(label: string, stem: (market: Market) => string): Feature {
  return {
    label,
    weight: 1,
    fits: isSpot,
    apply(plan) {
      plan.stem = stem(plan.market);
    },
  };
}

function neutralName(plan: Plan, dice: Dice): void {
  plan.stem = dice.pick(NEUTRAL);
  plan.nameSays = "nothing";
}

function symbolColumn(plan: Plan, dice: Dice): void {
  if (has(plan, "symbol")) return;
  insertColumn(plan, { word: dice.pick(["symbol", "pair", "ticker", "Symbol"]), field: "symbol" }, dice);
}

const anySpelling = (dice: Dice) => dice.pick<Spelling>(["joined", "slash", "dash", "underscore"]);

/** A market of a future, with the name that ccxt gives it. */
function future(plan: Plan, kind: "delivery" | "perpetual"): string {
  const price = { level: plan.market.level, digits: plan.market.digits };
  const market = spot(plan.market.base, plan.market.quote, price);
  // A future quoted in dollars themselves is as often one of contracts (identity.md: refused where nothing proves coins).
  if (market.quote === "USD") plan.may.add("contract_volume");
  plan.market = { ...market, kind, symbol: `${market.symbol}_${kind === "delivery" ? DELIVERY : "PERP"}` };
  return `${spell(market, "slash")}:${market.quote}${kind === "delivery" ? `-${DELIVERY}` : ""}`;
}

function twoSymbols(plan: Plan, dice: Dice): void {
  symbolColumn(plan, dice);
  const base = plan.market.base === "ETH" ? "LTC" : "ETH";
  plan.other = spot(base, plan.market.quote, { level: dice.uniform(2_000, 4_000), digits: 2 });
  const spelling = anySpelling(dice);
  plan.spell = (market) => spell(market, spelling);
  neutralName(plan, dice);
}

const statesUnits = (plan: Plan) => plan.columns.some(({ word }) => word.includes("{"));
const oneMarketMore = (plan: Plan) => withHeader(plan) && isSpot(plan) && !statesUnits(plan);

const columnFeatures: readonly Feature[] = [
  {
    label: "symbol column",
    weight: 2,
    fits: (plan) => withHeader(plan) && isSpot(plan),
    apply(plan, dice) {
      symbolColumn(plan, dice);
      const spelling = anySpelling(dice);
      plan.spell = (market) => spell(market, spelling);
      if (dice.chance(0.6)) neutralName(plan, dice);
    },
  },
  { label: "two symbols", weight: 2, fits: oneMarketMore, apply: twoSymbols },
  {
    label: "SYMBOL= agrees with the column",
    weight: 1,
    fits: (plan) => withHeader(plan) && isSpot(plan),
    apply(plan, dice) {
      symbolColumn(plan, dice);
      const spelling = anySpelling(dice);
      plan.spell = (market) => spell(market, spelling);
      neutralName(plan, dice);
      plan.option = { text: plan.market.symbol, symbol: plan.market.symbol };
    },
  },
  {
    label: "SYMBOL= is one of two symbols",
    weight: 2,
    fits: oneMarketMore,
    apply(plan, dice) {
      twoSymbols(plan, dice);
      plan.option = { text: plan.market.symbol, symbol: plan.market.symbol };
    },
  },
  {
    label: "SYMBOL= contradicts the column",
    weight: 1,
    fits: (plan) => withHeader(plan) && isSpot(plan),
    apply(plan, dice) {
      symbolColumn(plan, dice);
      neutralName(plan, dice);
      const symbol = `SOL${plan.market.quote}`;
      plan.option = { text: symbol, symbol };
    },
  },
  {
    label: "SYMBOL= is spot, the column a perpetual",
    weight: 1,
    fits: (plan) => withHeader(plan) && isSpot(plan),
    apply(plan, dice) {
      const symbol = plan.market.symbol;
      const name = future(plan, "perpetual");
      symbolColumn(plan, dice);
      plan.spell = () => name;
      neutralName(plan, dice);
      plan.option = { text: symbol, symbol };
    },
  },
  {
    label: "ccxt's perpetual in a column",
    weight: 1,
    fits: (plan) => withHeader(plan) && isSpot(plan),
    apply(plan, dice) {
      const name = future(plan, "perpetual");
      symbolColumn(plan, dice);
      plan.spell = () => name;
      neutralName(plan, dice);
    },
  },
  {
    label: "ccxt's delivery in a column",
    weight: 1,
    fits: (plan) => withHeader(plan) && isSpot(plan),
    apply(plan, dice) {
      const name = future(plan, "delivery");
      symbolColumn(plan, dice);
      plan.spell = () => name;
      neutralName(plan, dice);
    },
  },
];

/** How a file says which market it is of. */
export const markets: Group = {
  weight: 5,
  features: [
    named("BTC-USDT in the name", (market) => spell(market, "dash")),
    named("BTC_USDT in the name", (market) => spell(market, "underscore")),
    named("small letters in the name", (market) => spell(market, "lower")),
    named("venue before the market in the name", (market) => `Binance_${market.symbol}`),
    ...columnFeatures,
    {
      label: "SYMBOL=",
      weight: 2,
      fits: isSpot,
      apply(plan, dice) {
        neutralName(plan, dice);
        plan.option = { text: spell(plan.market, anySpelling(dice)), symbol: plan.market.symbol };
      },
    },
    {
      label: "SYMBOL= is ccxt's perpetual",
      weight: 1,
      fits: (plan) => isSpot(plan) && !has(plan, "symbol"),
      apply(plan, dice) {
        neutralName(plan, dice);
        const text = future(plan, "perpetual");
        plan.option = { text, symbol: plan.market.symbol };
      },
    },
    {
      label: "delivery in the name",
      weight: 1,
      fits: (plan) => isSpot(plan) && !has(plan, "symbol"),
      apply(plan) {
        future(plan, "delivery");
        plan.stem = plan.market.symbol;
      },
    },
    {
      label: "bitstampUSD in the name",
      weight: 1,
      fits: (plan) => isSpot(plan) && !has(plan, "symbol"),
      apply(plan, dice) {
        plan.market = spot("BTC", "USD", { level: dice.uniform(30_000, 60_000), digits: 2 });
        plan.stem = "bitstampUSD_1-min_data_2012-01-01_to_2021-03-31";
        plan.nameSays = "base";
      },
    },
    {
      label: "symbol with other letters, or digits first",
      weight: 2,
      fits: isSpot,
      apply(plan, dice) {
        const base = dice.pick(["币安人生", "1000PEPE"]);
        plan.market = spot(base, "USDT", { level: dice.uniform(0.06, 0.09), digits: 6 });
        plan.stem = plan.market.symbol;
        if (dice.chance(0.4)) return;
        neutralName(plan, dice);
        if (withHeader(plan) && dice.chance(0.5)) symbolColumn(plan, dice);
        else plan.option = { text: plan.market.symbol, symbol: plan.market.symbol };
      },
    },
    { label: "no market", weight: 2, fits: isSpot, apply: neutralName },
  ],
};
