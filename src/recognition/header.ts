import { isMoney, isQuote, type Market } from "../candle/symbol.ts";
import { zoneOffset } from "../time/zone.ts";
import { bareName, hasCases, ownName } from "./columnName.ts";
import { coinOf, isBitmex, readVolumes, type VolumeColumn } from "./volumeName.ts";

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
  "base",
  "quote",
  "zone",
] as const;

export type Role = (typeof ROLES)[number];

/** Positions counted from 0, of the roles that a file has. */
export type Places = Partial<Record<Role, number>>;

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

const words = (text: string) => text.split(" ");

/**
 * Names of the tools that people have files from, letters and digits only; the first that is there is used. Binance's
 * archive and its converters, Kaggle's sets, CryptoDataDownload, Kaiko, Kraken, Bybit, OKX, Huobi, Poloniex,
 * CryptoCompare, CoinAPI, Dukascopy, MetaTrader.
 */
const NAMES: Record<Role, readonly string[]> = {
  time: words(
    "opentime opentimestamp starttime startat timeperiodstart candlebegintime begintime windowstart timestamp timestampms " +
      "unix unixtimestamp unixtime epoch time datetime date gmttime ts mts start kstart openat t id ticks",
  ),
  timeOfDay: words("time timeofday hour clock"),
  closeTime: words("closetime closetimestamp endtime timeperiodend endat kclose"),
  open: words("open openprice priceopen o first"),
  high: ["high", "highprice", "pricehigh", "max", "h"],
  low: ["low", "lowprice", "pricelow", "min", "l"],
  close: ["close", "closeprice", "priceclose", "last", "c"],
  trades: words(
    "trades numtrades numberoftrades notrades tradecount tradescount transactions numtransactions count ntrades n",
  ),
  interval: [
    ...words("interval klineinterval timeframe tf granularity resolution barsize candlesize candletype"),
    ...words("frequency freq period i"),
  ],
  symbol: [
    ...words(
      "symbol pair ticker instrumentname instid tradingpair currencypair symbolid productid instrumentid",
    ),
    ...words("instrument market s contract product code asset coin currency"),
  ],
  base: words("base basecurrency baseasset basecoin basesymbol fsym fromsymbol"),
  quote: words("quote quotecurrency quoteasset quotecoin quotesymbol tsym tosymbol currency"),
  zone: words("timezone tz zone utcoffset gmtoffset"),
};

/** Whether the cells of a column can be what a name says; a number that counts the rows is no time and no trades. */
export type Holds = (role: Role, place: number) => boolean;

/**
 * What a header states of its columns.
 * @param market whose candles the file holds, as far as that is known (see `readVolumes`)
 * @param holds where the rows are known too
 */
export function readHeader(
  cells: readonly string[],
  market: Market | null,
  holds: Holds = () => true,
): HeaderFacts {
  const exact = hasCases(cells);
  const plain = cells
    .map(ownName)
    .map((cell) => (exact && cell.length === 1 ? cell : bareName(withoutUnit(cell, market))));
  const { places, twice } = placesByNames(plain, holds);
  if (exact && plain.includes("T")) places.closeTime = plain.indexOf("T");
  settleTimes(places, plain, holds);
  return {
    places,
    volumes: readVolumes(cells, market),
    coin: coinOf(cells),
    zone: zoneOfTimes(cells, places),
    missing: (["time", "open", "high", "low", "close"] as const).filter((role) => places[role] === undefined),
    twice: twice.map((place) => cells[place]),
  };
}

/** The place of each role's first known name, and the places of names that are there twice. */
function placesByNames(plain: readonly string[], holds: Holds): { places: Places; twice: number[] } {
  const places: Places = {};
  const twice: number[] = [];
  for (const role of ROLES) {
    const name = NAMES[role].find((known) => plain.includes(known) && holds(role, plain.indexOf(known)));
    if (name === undefined) continue;
    const place = plain.indexOf(name);
    places[role] = place;
    if (plain.lastIndexOf(name) !== place) twice.push(place);
  }
  return { places, twice };
}

/** Sets the time's columns: a date and its time of day, or the close time or an index where no open time has a name. */
function settleTimes(places: Places, plain: readonly string[], holds: Holds): void {
  const { timeOfDay } = places;
  const date = plain.indexOf("date");
  if (date >= 0 && timeOfDay !== undefined && places.time === timeOfDay) places.time = date;
  else delete places.timeOfDay;
  if (places.time === undefined && places.closeTime !== undefined) places.time = places.closeTime;
  // BitMEX stamps its candles with their end.
  if (isBitmex(plain)) places.closeTime = places.time;
  // pandas writes a nameless index of times.
  if (places.time === undefined && /^(|index|unnamed0)$/.test(plain[0]) && holds("time", 0)) places.time = 0;
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
  if (/(date|time|stamp)\s*$/i.test(name))
    return /^([A-Z]{2,5}|[mun]?s|(milli)?sec(ond)?s?)$/.test(unit) ? name : cell;
  const isPrice = (["open", "high", "low", "close"] as const).some((role) =>
    NAMES[role].includes(bareName(name)),
  );
  const isCurrency = isMoney(unit) || isQuote(unit) || unit.toUpperCase() === market?.quote;
  return isPrice && isCurrency ? name : cell;
}
