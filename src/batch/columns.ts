/** What a column of a candle file holds; all other columns are passed over. */
export const ROLES = ["time", "open", "high", "low", "close", "volume", "trades", "symbol"] as const;

export type Role = (typeof ROLES)[number];

/** Positions counted from 0; `trades` and `symbol` where the file has them. */
export type ColumnMap = Record<"time" | "open" | "high" | "low" | "close" | "volume", number> & {
  trades: number | null;
  symbol: number | null;
};

/**
 * Header names of the tools that people have files from (Binance's archive and its many converters, Kaggle's
 * Bitstamp and Binance sets, CryptoDataDownload), letters and digits only; the first that is there is taken.
 */
const NAMES: Record<Role, readonly string[]> = {
  time: ["opentime", "timestamp", "unix", "unixtimestamp", "unixtime", "time", "datetime", "date", "ts", "t"],
  open: ["open", "openprice", "o"],
  high: ["high", "highprice", "h"],
  low: ["low", "lowprice", "l"],
  close: ["close", "closeprice", "c"],
  volume: ["volume", "basevolume", "vol", "v"],
  trades: ["trades", "numtrades", "numberoftrades", "notrades", "tradecount", "count"],
  symbol: ["symbol", "pair", "ticker"],
};

/** CryptoDataDownload writes `Volume BTC,Volume USDT`, Kaggle `Volume_(BTC),Volume_(Currency)`: the base comes first. */
const NAMED_VOLUME = /^volume(?!usd|currency|quote)[a-z0-9]+$/;

/** Binance's kline columns, as in its archive and its REST answers. */
export const KLINE_COLUMNS: ColumnMap = {
  time: 0,
  open: 1,
  high: 2,
  low: 3,
  close: 4,
  volume: 5,
  trades: 8,
  symbol: null,
};

/** Time and the five numbers, without a header. */
export const SEED_COLUMNS: ColumnMap = { ...KLINE_COLUMNS, trades: null };

/** Which column holds what, or the roles that no column of this header has. */
export function mapHeader(fields: readonly string[]): { columns: ColumnMap } | { missing: Role[] } {
  const names = fields.map((field) => field.toLowerCase().replace(/[^a-z0-9]/g, ""));
  const at = (role: Role): number => {
    const exact = NAMES[role].map((name) => names.indexOf(name)).find((index) => index >= 0);
    return exact ?? (role === "volume" ? names.findIndex((name) => NAMED_VOLUME.test(name)) : -1);
  };
  const found = Object.fromEntries(ROLES.map((role) => [role, at(role)])) as Record<Role, number>;
  const missing = ROLES.filter((role) => role !== "trades" && role !== "symbol" && found[role] < 0);
  if (missing.length > 0) return { missing };
  const { trades, symbol, ...rest } = found;
  return {
    columns: { ...rest, trades: trades < 0 ? null : trades, symbol: symbol < 0 ? null : symbol },
  };
}
