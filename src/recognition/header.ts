import { isDollar, isMoney, isQuote, type Market, sameCoin } from "../candle/symbol.ts";
import { zoneOffset } from "./statement.ts";

/** What a column of a candle file holds; all other columns are passed over. */
export const ROLES = [
  "time",
  "timeOfDay",
  "closeTime",
  "open",
  "high",
  "low",
  "close",
  "trades",
  "symbol",
  "interval",
  "venue",
  "kind",
  "base",
  "quote",
  "zone",
] as const;

export type Role = (typeof ROLES)[number];

/** Positions counted from 0, of the roles that a file has. */
export type Places = Partial<Record<Role, number>>;

/** What a column's name says of the volume in it. */
export type VolumeUnit = "base" | "quote" | "contracts" | "unnamed";

export interface VolumeColumn {
  place: number;
  name: string;
  unit: VolumeUnit;
}

/** What a header states. */
export interface HeaderFacts {
  places: Places;
  volumes: VolumeColumn[];
  /** The coin that a name such as `Volume_(BTC)` gives, or null. */
  coin: string | null;
  /** Minutes east of UTC that the name of the time states: `date_utc`, `Gmt time`, `time (GMT+7)`; else null. */
  zone: number | null;
  /** Prices, the time or the volume, where the header has no column of them. */
  missing: string[];
  /** Names that are there twice and would be read. */
  twice: string[];
}

/**
 * Names of the tools that people have files from, letters and digits only; the first that is there is taken. Binance's
 * archive and its converters, Kaggle's sets, CryptoDataDownload, Kaiko, Kraken, Bybit, OKX, Huobi, Poloniex,
 * CryptoCompare, CoinAPI, Dukascopy, MetaTrader.
 */
const NAMES: Record<Role, readonly string[]> = {
  time: [
    ..."opentime opentimestamp starttime startat timeperiodstart candlebegintime timestamp timestampms unix".split(
      " ",
    ),
    ..."unixtimestamp unixtime epoch time datetime date gmttime ts start kstart openat t id".split(" "),
  ],
  timeOfDay: ["time", "timeofday", "hour", "clock"],
  closeTime: ["closetime", "closetimestamp", "endtime", "timeperiodend", "endat", "kclose"],
  open: ["open", "openprice", "priceopen", "o"],
  high: ["high", "highprice", "pricehigh", "max", "h"],
  low: ["low", "lowprice", "pricelow", "min", "l"],
  close: ["close", "closeprice", "priceclose", "last", "c"],
  trades: [
    "trades",
    "numtrades",
    "numberoftrades",
    "notrades",
    "tradecount",
    "tradescount",
    "count",
    "ntrades",
    "n",
  ],
  symbol: ["symbol", "pair", "ticker", "instrumentname", "instid", "instrument", "market", "s"],
  interval: [
    ..."interval klineinterval timeframe tf granularity resolution barsize candlesize candletype".split(" "),
    ..."frequency freq period i".split(" "),
  ],
  venue: ["exchange", "venue", "exchangeid", "exchangename"],
  base: ["base", "basecurrency", "baseasset", "basecoin", "basesymbol"],
  quote: ["quote", "quotecurrency", "quoteasset", "quotecoin", "quotesymbol"],
  zone: ["timezone", "tz", "zone", "utcoffset", "gmtoffset"],
  kind: ["markettype", "instrumenttype", "contracttype", "marketkind"],
};

const BASE = new Set(
  "basevolume volumebase basevol volbase baseassetvolume volumefrom homenotional".split(" "),
);
const QUOTE = new Set(
  (
    "quotevolume volumequote quotevol volquote quoteassetvolume qav quoteav volumeto turnover volumecurrency " +
    "volccyquote value notional quoteamount amountquote foreignnotional"
  ).split(" "),
);
const CONTRACTS = new Set("contracts volumecontracts contractvolume lots".split(" "));
const UNNAMED = new Set("volume vol v q amount volccy qty quantity size volumetraded".split(" "));
/** One side of the trades, or worked out of several candles: never a candle's volume. */
const NEVER =
  /taker|maker|buy|sell|bid|ask|long|short|avg|average|mean|median|roll|cum|chg|change|pct|delta|diff|ratio|std|score|norm|log|rank|24h|vwap|weighted|imbalance|obv|osc|profile|usdt?24/;
const MOVING = /^(volume|vol)?[a-z]{0,2}ma\d*(volume|vol)?$/;

/** A name's letters and digits, lower case. */
export function bareName(cell: string): string {
  return cell.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/**
 * What a header states of its columns.
 * @param market whose candles the file holds, as far as that is known: `Volume ETH` is base volume of ETHBTC and quote
 *   volume of BTCETH
 */
export function readHeader(cells: readonly string[], market: Market | null): HeaderFacts {
  const exact = hasCases(cells);
  const plain = cells.map((cell) =>
    exact && cell.length === 1 ? cell : bareName(withoutUnit(cell, market)),
  );
  const places: Places = {};
  const twice: string[] = [];
  for (const role of ROLES) {
    const name = NAMES[role].find((known) => plain.includes(known));
    if (name === undefined) continue;
    places[role] = plain.indexOf(name);
    if (plain.lastIndexOf(name) !== places[role]) twice.push(cells[places[role]]);
  }
  if (exact && plain.includes("T")) places.closeTime = plain.indexOf("T");
  settleTimes(places, plain);
  const volumes = plain.flatMap((name, place) => volumeColumn(name, cells[place], place, market));
  applyVenues(plain, volumes);
  const missing: string[] = (["time", "open", "high", "low", "close"] as const).filter(
    (role) => places[role] === undefined,
  );
  return { places, volumes, coin: coinOf(cells, market), zone: zoneOfTimes(cells, places), missing, twice };
}

/** Which columns make the open time: a date beside a time of day, the close time, a nameless index. */
function settleTimes(places: Places, plain: readonly string[]): void {
  const date = plain.indexOf("date");
  const hasBoth = date >= 0 && places.timeOfDay !== undefined && places.timeOfDay !== date;
  if (hasBoth && places.time === places.timeOfDay) places.time = date;
  else delete places.timeOfDay;
  if (places.time === undefined && places.closeTime !== undefined) places.time = places.closeTime;
  // BitMEX stamps its candles with their end.
  if (isBitmex(plain)) places.closeTime = places.time;
  // pandas writes a nameless index of times.
  if (places.time === undefined && /^(|index|unnamed0)$/.test(plain[0])) places.time = 0;
}

/** Units that some venues give to plain names. */
function applyVenues(plain: readonly string[], volumes: VolumeColumn[]): void {
  poloniex(plain, volumes);
  const isVolume = ({ name }: VolumeColumn) => bareName(name) === "volume";
  if (isBitmex(plain)) for (const column of volumes.filter(isVolume)) column.unit = "contracts";
  // Yahoo's volumes of coins are in the quote currency; no other tool has adjusted prices.
  if (plain.includes("adjclose")) for (const column of volumes) column.unit = "quote";
}

const ZONED =
  /^((?:open|start|close|date|time|stamp|[\s_-])*)[\s_([-]*(?:utc|gmt)\s*([+-]\d{1,2}(?::?\d{2})?)?[\])]*$/i;
const ZONE_FIRST = /^(?:utc|gmt)[\s_-]*(?=date|time)/i;

/** Minutes east of UTC that the names of the time's columns state, or null. */
export function zoneOfTimes(names: readonly string[], { time, timeOfDay }: Places): number | null {
  const zones = [time, timeOfDay].map((place) =>
    place === undefined ? null : zoneInName(names[place] ?? ""),
  );
  return zones[0] ?? zones[1];
}

/** Minutes east of UTC that the name of a time states, or null. */
function zoneInName(cell: string): number | null {
  if (ZONE_FIRST.test(cell)) return 0;
  const [, , offset] = ZONED.exec(cell) ?? [null, null, null];
  if (offset === null) return null;
  const [, sign, hours, minutes = ""] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(offset ?? "+0") ?? [];
  return zoneOffset(`${sign}${hours.padStart(2, "0")}:${minutes.padStart(2, "0")}`);
}

/** A name without the zone of a time (`time (GMT+7)`, `Date (EST)`) or the currency of a price (`Open (USDT)`). */
function withoutUnit(cell: string, market: Market | null): string {
  const [, zoned] = ZONED.exec(cell) ?? [];
  if (zoned !== undefined && bareName(zoned) !== "") return zoned;
  const [, name, unit] = /^(.*?)\s*[([]([^()[\]]+)[)\]]$/.exec(cell) ?? [];
  if (unit === undefined) return cell.replace(ZONE_FIRST, "");
  if (/(date|time|stamp)\s*$/i.test(name)) return /^[A-Z]{2,5}$/.test(unit) ? name : cell;
  const isPrice = (["open", "high", "low", "close"] as const).some((role) =>
    NAMES[role].includes(bareName(name)),
  );
  const isCurrency = isMoney(unit) || isQuote(unit) || unit.toUpperCase() === market?.quote;
  return isPrice && isCurrency ? name : cell;
}

/** WebSocket frames name open time `t` and close time `T`, low `l` and last trade `L`: there the case counts. */
function hasCases(cells: readonly string[]): boolean {
  const single = cells.filter((cell) => /^[A-Za-z]$/.test(cell));
  return new Set(single.map((cell) => cell.toLowerCase())).size < new Set(single).size;
}

function volumeColumn(name: string, shown: string, place: number, market: Market | null): VolumeColumn[] {
  const column = (unit: VolumeUnit): VolumeColumn[] => [{ place, name: shown, unit }];
  if (NEVER.test(name) || MOVING.test(name)) return [];
  if (BASE.has(name)) return column("base");
  if (QUOTE.has(name)) return column("quote");
  if (CONTRACTS.has(name)) return column("contracts");
  if (UNNAMED.has(name)) return column("unnamed");
  const coin = coinIn(name);
  const unit = coin === null ? null : unitOfCoin(coin, market);
  return unit === null ? [] : column(unit);
}

/** Null where the coin is neither of the market's. */
function unitOfCoin(coin: string, market: Market | null): VolumeUnit | null {
  const { base = null, quote = null } = market ?? {};
  if (coin === "BASE") return "base";
  if (/^(CURRENCY|QUOTE)$/.test(coin)) return "quote";
  if (base !== null && sameCoin(coin, base)) return "base";
  if (quote !== null && (sameCoin(coin, quote) || (isDollar(coin) && isDollar(quote)))) return "quote";
  if (base !== null) return null;
  return isDollar(coin) ? "quote" : "base";
}

/** The coin in `Volume_(BTC)`, `Volume BTC`, `btc_volume`; null where there is none. */
function coinIn(name: string): string | null {
  const [, after, before] =
    /^vol(?:ume(?!s)|(?!ume))([\p{L}\p{N}]{2,10})$|^([\p{L}\p{N}]{2,10})vol(?:ume)?$/u.exec(name) ?? [];
  return (after ?? before)?.toUpperCase() ?? null;
}

/** The one coin that volumes are named by, but for the market's quote currency and dollars. */
function coinOf(cells: readonly string[], market: Market | null): string | null {
  const names = cells
    .map(bareName)
    .filter((name) => !NEVER.test(name) && !MOVING.test(name) && !QUOTE.has(name) && !BASE.has(name));
  const coins = names
    .map(coinIn)
    .filter((coin) => coin !== null && !/^(BASE|CURRENCY|QUOTE)$/.test(coin) && !isDollar(coin));
  const [first, ...rest] = coins.filter((coin) => !market?.quote || !sameCoin(coin as string, market.quote));
  return first !== undefined && rest.length === 0 ? first : null;
}

function isBitmex(names: readonly string[]): boolean {
  return names.includes("homenotional") && names.includes("foreignnotional");
}

/** Poloniex calls the quote currency's volume `volume`, the coin's `quoteVolume`. */
function poloniex(names: readonly string[], volumes: VolumeColumn[]): void {
  if (!names.includes("weightedaverage") || !names.includes("quotevolume") || !names.includes("volume"))
    return;
  for (const column of volumes) {
    if (bareName(column.name) === "volume") column.unit = "quote";
    if (bareName(column.name) === "quotevolume") column.unit = "base";
  }
}
