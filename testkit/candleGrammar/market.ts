import type { Dice } from "./dice.ts";

/** A market with the prices that its files have. `coin` is a perpetual or delivery of 100 USD a contract. */
export interface Market {
  base: string;
  quote: string;
  kind: "spot" | "perpetual" | "delivery" | "coin";
  /** As the tables spell it. */
  symbol: string;
  /** About the price of one coin. */
  level: number;
  /** Digits behind the decimal mark of a price. */
  digits: number;
}

export type Spelling = "joined" | "lower" | "slash" | "dash" | "underscore";

/** The spot markets of the grammar with their weights: most are dear, some cost some cents. */
const SPOT = [
  [6, dear("BTC", "USDT")],
  [1, dear("BTC", "EUR")],
  [1, dear("BTC", "USD")],
  [1, dear("BTC", "USDC")],
  [1, dear("ETH", "USDT")],
  [1, (dice: Dice) => spot("DOGE", "USDT", { level: dice.uniform(0.06, 0.09), digits: 6 })],
  [1, (dice: Dice) => spot("ETH", "BTC", { level: dice.uniform(0.04, 0.08), digits: 6 })],
] as const;

function dear(base: string, quote: string): (dice: Dice) => Market {
  return (dice) => spot(base, quote, { level: dice.uniform(30_000, 60_000), digits: 2 });
}

export function spot(base: string, quote: string, price: { level: number; digits: number }): Market {
  return { base, quote, kind: "spot", symbol: base + quote, ...price };
}

export function anySpot(dice: Dice): Market {
  return dice.weighted(SPOT)(dice);
}

/** The pair as a spot market is spelled. */
export function spell({ base, quote }: Market, spelling: Spelling): string {
  const between = { joined: "", lower: "", slash: "/", dash: "-", underscore: "_" }[spelling];
  const text = base + between + quote;
  return spelling === "lower" ? text.toLowerCase() : text;
}
