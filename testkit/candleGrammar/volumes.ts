import type { Dice } from "./dice.ts";
import { type Feature, type Group, insertColumn, replaceField, unfixed, withHeader } from "./feature.ts";
import { type Column, type Field, has, type Plan } from "./plan.ts";

/** Words for the volume in coins and in money that say which is which. */
const STATED = [
  ["Volume {BASE}", "Volume {QUOTE}"],
  ["volume_{base}", "volume_{quote}"],
  ["Volume({BASE})", "Volume({QUOTE})"],
  ["base_volume", "quote_volume"],
  ["volumefrom", "volumeto"],
  ["volume", "turnover"],
  ["volume", "quote_volume"],
  ["Volume", "Quote asset volume"],
] as const;
/** Pairs of words that say it beyond doubt, whatever the numbers. */
const STATED_BOTH = STATED.slice(0, 5);
const QUOTE_WORDS = ["Volume {QUOTE}", "quote_volume", "turnover", "Quote asset volume", "volumeto"];
const TAKER_WORDS = [
  "taker_buy_volume",
  "taker_buy_base_volume",
  "buy_volume",
  "Taker buy base asset volume",
];
const AVERAGE_WORDS = ["volume_ma20", "Volume MA", "volume_sma_20", "avg_volume"];

/** One market, whose only volume so far is `volume`; no option of columns. */
const free = (plan: Plan) => unfixed(plan) && plan.other === undefined;
/** A column may be added. */
const open = (plan: Plan) => withHeader(plan) && plan.reading.columns === undefined;
const NO_BASE = ["unknown_form", "ambiguous_volume"] as const;

function setVolumes(plan: Plan, ...volumes: [word: string, field: Field][]): void {
  const columns: Column[] = volumes.map(([word, field]) => ({ word, field }));
  plan.columns = replaceField(plan.columns, "base", ...columns);
}

function inEitherOrder(dice: Dice, first: [string, Field], second: [string, Field]): [string, Field][] {
  return dice.chance(0.5) ? [first, second] : [second, first];
}

const pairs: readonly Feature[] = [
  {
    label: "volumes of base and quote, named",
    weight: 3,
    fits: free,
    apply(plan, dice) {
      const [base, quote] = dice.pick(STATED);
      setVolumes(plan, ...inEitherOrder(dice, [base, "base"], [quote, "quote"]));
    },
  },
  {
    label: "two volumes of vague names, proven by the numbers",
    weight: 2,
    fits: free,
    apply(plan, dice) {
      const [base, quote] = dice.pick([
        ["vol", "amount"],
        ["amount", "vol"],
        ["volume", "amount"],
        ["amount", "volume"],
      ]);
      setVolumes(plan, ...inEitherOrder(dice, [base, "base"], [quote, "quote"]));
      if (dice.chance(0.3)) plan.reading.volume = base;
      else if (quote === "volume") plan.may.add("volume_conflict").add("ambiguous_volume");
    },
  },
  {
    label: "two volumes of vague names, no proof",
    weight: 1,
    fits: free,
    apply(plan, dice) {
      setVolumes(plan, ...inEitherOrder(dice, ["vol", "base"], ["amount", "noise"]));
      if (dice.chance(0.5)) plan.reading.volume = "vol";
      else plan.must.add("ambiguous_volume");
    },
  },
  {
    label: "names of volumes contradict the numbers",
    weight: 2,
    fits: free,
    apply(plan, dice) {
      const [base, quote] = dice.pick(STATED_BOTH);
      setVolumes(plan, ...inEitherOrder(dice, [base, "quote"], [quote, "base"]));
      plan.must.add("volume_conflict");
    },
  },
  {
    label: "volume and quote_volume are exchanged",
    weight: 1,
    fits: free,
    apply(plan, dice) {
      setVolumes(plan, ...inEitherOrder(dice, ["volume", "quote"], ["quote_volume", "base"]));
      plan.may.add("volume_conflict");
    },
  },
  {
    label: "--volume is the quote's column",
    weight: 1,
    fits: free,
    apply(plan, dice) {
      setVolumes(plan, ...inEitherOrder(dice, ["base_volume", "base"], ["quote_volume", "quote"]));
      plan.reading.volume = "quote_volume";
      plan.must.add("volume_conflict");
    },
  },
];

const partial: readonly Feature[] = [
  {
    label: "quote volume alone",
    weight: 2,
    fits: free,
    apply(plan, dice) {
      setVolumes(plan, [dice.pick(QUOTE_WORDS), "quote"]);
      for (const code of NO_BASE) plan.must.add(code);
    },
  },
  {
    label: "buyers' volume alone",
    weight: 1,
    fits: free,
    apply(plan, dice) {
      setVolumes(plan, [dice.pick(TAKER_WORDS), "takerBase"]);
      for (const code of NO_BASE) plan.must.add(code);
    },
  },
  {
    label: "buyers' volume beside",
    weight: 1,
    fits: free,
    apply(plan, dice) {
      setVolumes(plan, ...inEitherOrder(dice, ["volume", "base"], [dice.pick(TAKER_WORDS), "takerBase"]));
    },
  },
  {
    label: "moving average of the volume beside",
    weight: 2,
    fits: free,
    apply(plan, dice) {
      const word = dice.pick(["volume", "Volume({BASE})", "Volume {BASE}", "vol"]);
      setVolumes(plan, ...inEitherOrder(dice, [word, "base"], [dice.pick(AVERAGE_WORDS), "average"]));
    },
  },
];

/** A future of contracts of 100 USD, paid in the coin. */
function coinMargined(plan: Plan, dice: Dice): void {
  const kind = dice.pick(["PERP", "240628"]);
  const symbol = `BTCUSD_${kind}`;
  const price = { level: dice.uniform(30_000, 60_000), digits: 1 };
  plan.market = { base: "BTC", quote: "USD", kind: "coin", symbol, ...price };
  plan.stem = symbol;
  plan.nameSays = "market";
  const spelled = kind === "PERP" ? dice.pick([symbol, "BTC/USD:BTC"]) : symbol;
  plan.spell = () => spelled;
  plan.columns = plan.columns.map(({ word, field }) => {
    if (field === "base") return { word, field: "contracts" };
    return { word, field: field === "quote" ? "base" : field };
  });
  plan.fixed = true;
  if (has(plan, "base")) plan.may.add("contract_volume").add("volume_conflict");
  else plan.must.add("contract_volume");
}

/** Binance's columns with the coin's volume, or the six without it. */
function ofBinance(plan: Plan): boolean {
  if (plan.market.kind !== "spot" || plan.other !== undefined || plan.option !== undefined) return false;
  if (plan.stem !== plan.market.symbol || plan.reading.columns !== undefined) return false;
  return has(plan, "takerBase") ? has(plan, "closeTime") : !plan.fixed && plan.columns.length === 6;
}

/** What the columns of volume and of trades hold. */
export const volumes: Group = {
  weight: 5,
  features: [
    ...pairs,
    ...partial,
    { label: "coin-margined contracts", weight: 3, fits: ofBinance, apply: coinMargined },
    {
      label: "volume in contracts",
      weight: 1,
      fits: free,
      apply(plan, dice) {
        setVolumes(plan, [dice.pick(["contracts", "volume (contracts)", "Volume_Contracts"]), "contracts"]);
        plan.must.add("contract_volume").add("unknown_form").add("ambiguous_volume");
      },
    },
    {
      label: "unknown counts of trades",
      weight: 3,
      fits: open,
      apply(plan, dice) {
        addTrades(plan, dice);
        plan.unknownTrades = dice.pick([["NaN"], ["null"], [""], ["nan"], ["NaN", "", "null"]]);
      },
    },
    {
      label: "counts of trades with a decimal mark",
      weight: 1,
      fits: open,
      apply(plan, dice) {
        addTrades(plan, dice);
        plan.tradesDecimal = true;
      },
    },
  ],
};

function addTrades(plan: Plan, dice: Dice): void {
  if (has(plan, "trades")) return;
  const word = dice.pick(["trades", "count", "number_of_trades", "tradecount", "Number of trades"]);
  insertColumn(plan, { word, field: "trades" }, dice);
}
