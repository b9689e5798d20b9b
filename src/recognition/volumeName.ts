import { isDollar, isMoney, type Market, sameCoin } from "../candle/symbol.ts";
import { bareName, hasCases, ownName } from "./columnName.ts";
import { KNOWN_COINS } from "./words.ts";

/**
 * What a column's name says of the volume in it. `unnamed` is plain `volume`; `vague` names are used of both currencies
 * (`amount`); a `qualified` one is a volume of something else (`taker_buy_volume`, `volume_ma20`): never a candle's by itself.
 */
export type VolumeUnit = "base" | "quote" | "contracts" | "unnamed" | "vague" | "qualified";

export interface VolumeColumn {
  place: number;
  name: string;
  unit: VolumeUnit;
}

type Units = ReadonlyMap<string, VolumeUnit>;
const units = (words: Partial<Record<VolumeUnit, string>>): Units =>
  new Map(
    Object.entries(words).flatMap(([unit, text]) =>
      text.split(" ").map((word) => [word, unit as VolumeUnit] as const),
    ),
  );

/** Words that name a volume, each with the unit that it has alone. */
const HEADS = units({
  unnamed: "volume volumes vol v qty quantity size",
  vague: "amount q",
  quote: "turnover value notional cost qav quoteav",
  contracts: "contracts lots",
});
/** Words that say of which currency. */
const SIDES = units({
  base: "base from home",
  quote: "quote to foreign counter turnover value notional",
  contracts: "contracts contract lots",
});
/** Words that say so where no other one does: `Volume_(Currency)`, `base_currency_volume`, OKX' `volCcy`. */
const WEAK_SIDES = units({ base: "coin coins", quote: "currency", vague: "ccy" });
const FILLERS = new Set("asset of the total traded trade trading number amount s".split(" "));
/** Between a volume and its currency; `in_volume` is one side's. */
const JOIN = "in";
const GLUED = new RegExp(
  [...HEADS.keys(), ...SIDES.keys(), ...WEAK_SIDES.keys(), ...FILLERS, JOIN]
    .filter((word) => word.length > 1)
    .sort((a, b) => b.length - a.length)
    .join("|"),
  "g",
);

/**
 * The columns whose names are those of volumes.
 * @param cells the header's
 * @param market whose candles the file holds, as far as that is known: `Volume ETH` is base volume of ETHBTC and quote
 *   volume of BTCETH
 */
export function readVolumes(cells: readonly string[], market: Market | null): VolumeColumn[] {
  const exact = hasCases(cells);
  const columns = cells.flatMap((name, place) => {
    // WebSocket frames have one side of the trades in capitals.
    const unit = exact && /^[VQ]$/.test(ownName(name)) ? "qualified" : unitOf(name, market);
    return unit === null ? [] : [{ place, name, unit }];
  });
  return byTool(cells.map(bareName), columns);
}

/** The one coin that volumes are named by, but for dollars; null where there are several. */
export function coinOf(cells: readonly string[]): string | null {
  const coins = cells.flatMap((name) => {
    const words = unitOf(name, null) === "base" ? wordsOf(name) : [];
    return words.map((word) => word.toUpperCase()).filter((word) => KNOWN_COINS.has(word));
  });
  return new Set(coins).size === 1 ? coins[0] : null;
}

function unitOf(name: string, market: Market | null): VolumeUnit | null {
  const words = wordsOf(name);
  const volume = words.filter((word) => /^vol(umes?)?$/.test(word));
  const head = volume[0] ?? words.find((word) => HEADS.has(word));
  const unit = HEADS.get(head ?? "");
  if (head === undefined || unit === undefined) return null;
  const named = words.filter((word) => word !== head);
  // A coin can be called like any other word: MASK, T, TRADE.
  if (isBase(named.filter((word) => word !== JOIN).join(""), market)) return "base";
  const rest = named.filter((word) => !FILLERS.has(word));
  const strong = rest.filter((word) => !WEAK_SIDES.has(word) && word !== JOIN);
  if (rest.length === 0) return unit === "quote" && isInverse(market) ? "vague" : unit;
  if (strong.length === 0) return WEAK_SIDES.get(rest.at(-1) as string) ?? "qualified";
  const found = new Set(strong.map((word) => SIDES.get(word) ?? unitOfCurrency(word, market)));
  return found.size === 1 ? [...found][0] : "qualified";
}

/** `Volume BTC`, `quoteVolume`, `volumefrom` in words, lower case; what pandas writes after a repeated name is no part. */
function wordsOf(name: string): string[] {
  const spaced = ownName(name)
    .replace(/\.\d+$/, "")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
  const words = spaced.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.flatMap((word) => {
    const [, before = "", inner = "", after = ""] =
      /^(volume|vol(?!ume|ati))?(.*?)(volume|vol)?$/.exec(word) ?? [];
    const known = inner.match(GLUED) ?? [];
    return [before, ...(known.join("") === inner ? known : [inner]), after].filter((part) => part !== "");
  });
}

function isBase(word: string, market: Market | null): boolean {
  return market !== null && word !== "" && sameCoin(word, market.base ?? market.symbol);
}

function unitOfCurrency(word: string, market: Market | null): VolumeUnit {
  if (isBase(word, market)) return "base";
  if (market === null)
    return isMoney(word) ? "quote" : KNOWN_COINS.has(word.toUpperCase()) ? "base" : "qualified";
  if (market.quote === null) return isDollar(word) ? "quote" : "qualified";
  const isItsQuote = sameCoin(word, market.quote) || (isDollar(word) && isDollar(market.quote));
  return isItsQuote ? "quote" : "qualified";
}

/** A future on the coin's margin: its turnover is in coins. */
function isInverse(market: Market | null): boolean {
  return market !== null && market.kind !== "spot" && market.quote === "USD";
}

/** Columns of tools that use a name in a sense of their own. */
function byTool(names: readonly string[], columns: VolumeColumn[]): VolumeColumn[] {
  const as = (units: Record<string, VolumeUnit>) =>
    columns.map((column) => ({ ...column, unit: units[bareName(column.name)] ?? column.unit }));
  const has = (...all: string[]) => all.every((name) => names.includes(name));
  // Poloniex calls the quote currency's volume `volume`.
  if (has("weightedaverage", "quotevolume", "volume")) return as({ volume: "quote", quotevolume: "base" });
  if (isBitmex(names)) return as({ volume: "contracts" });
  // Yahoo's and CoinMarketCap's volumes of coins are in dollars.
  if (["adjclose", "dividends", "stocksplits", "marketcap"].some((name) => has(name)))
    return as({ volume: "quote" });
  // Yahoo's order, which others have by chance.
  if (/^(date|datetime|),close,high,low,open,volume$/.test(names.join(","))) return as({ volume: "vague" });
  return columns;
}

/** BitMEX stamps its candles with their end, and counts contracts. */
export function isBitmex(names: readonly string[]): boolean {
  return names.includes("homenotional") && names.includes("foreignnotional");
}
