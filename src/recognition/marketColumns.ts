import { isMoney, isQuote, marketOf, normalizeSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { bareName } from "./columnName.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";
import { joinKinds, kindAndVenue, kindOf, pairOfVenue } from "./names.ts";
import { KNOWN_COINS, type StatedKind } from "./words.ts";

/** What one statement says of a market; null, and no symbols, is what it leaves open. */
export interface MarketStatement {
  /** What states it, `column 7`. */
  by: string;
  /** Symbols of which one is meant, or that rows have; a plain pair leaves the kind open. */
  symbols: readonly string[];
  coin: string | null;
  quote: string | null;
  kind: StatedKind | null;
  venue: string | null;
}

/** A column that has to hold in every row what it holds in the first ones: the pair, venue, kind, interval or zone. */
export interface ConstantColumn {
  place: number;
  /** In small letters. */
  texts: readonly string[];
  code: "conflicting_files" | "mixed_intervals" | "no_time_zone";
}

/** A column that holds what it holds in the first rows; of several texts, an empty cell is one that says nothing. */
export function constantColumn(
  place: number,
  rows: readonly Row[],
  code: ConstantColumn["code"],
): ConstantColumn {
  const texts = new Set(rows.map(({ cells }) => (cells[place] ?? "").toLowerCase()));
  return { place, texts: [...(code === "no_time_zone" ? texts : texts.add(""))], code };
}

/** What the columns of the pair state; `column` where it is read in every row. */
export interface PairColumns {
  statement: MarketStatement | null;
  column: number | null;
  constants: ConstantColumn[];
}

/** Headers of a symbol column; others that may be one count where every cell is a pair or a coin that is known. */
const SYMBOL_COLUMNS = new Set(
  "symbol pair ticker instrumentname instid s tradingpair currencypair symbolid".split(" "),
);
/** Headers of columns that may hold kinds of market or venues. */
const KIND_COLUMNS = new Set(
  (
    "market markettype marketkind instrumenttype insttype instrument contracttype contract type category kind product " +
    "producttype productline pricetype candletype s exchange venue exchangeid exchangename source platform provider"
  ).split(" "),
);
/** Of these, the ones that hold nothing else: other words than are known differ too. */
const SURE_COLUMNS = new Set(
  "markettype marketkind instrumenttype contracttype exchange venue exchangeid exchangename".split(" "),
);

/** A statement that leaves open what it is not given. */
export function statementBy(by: string, says: Partial<MarketStatement>): MarketStatement {
  return { by, symbols: [], coin: null, quote: null, kind: null, venue: null, ...says };
}

/** What columns of the base and the quote currency state, where they have one text in the first rows. */
export function currencyColumns({ places }: Layout, rows: readonly Row[]): MarketStatement[] {
  return (["base", "quote"] as const).flatMap((role) => {
    const place = places[role];
    if (place === undefined || place === places.symbol || rows.length === 0) return [];
    const text = rows[0].cells[place] ?? "";
    const isKnown = role === "base" ? normalizeSymbol(text) !== null : isQuote(text);
    if (!isKnown || rows.some(({ cells }) => cells[place] !== text)) return [];
    const currency = text.toUpperCase();
    return [statementBy(`column ${place + 1}`, role === "base" ? { coin: currency } : { quote: currency })];
  });
}

/**
 * What a symbol column states of the pair, and which columns hold the file's pair in every row.
 * @throws CandlebookError `no_symbol` where a column has coins alone, of several pairs, or what is no pair; `conflicting_files`
 */
export function pairColumns(known: KnownOfText, layout: Layout, rows: readonly Row[]): PairColumns {
  const { symbol: place } = layout.places;
  const none: PairColumns = { statement: null, column: null, constants: [] };
  if (place === undefined) return { ...none, constants: currencyConstants(layout, rows) };
  const texts = firstRows(rows, ({ cells }) => (cells[place] ?? "").trim());
  texts.delete("");
  const words = [...texts.keys()];
  if (words.every((word) => isMarket(word) || !/\p{L}/u.test(word))) return none;
  const by = `column ${place + 1}`;
  const constants = [constantColumn(place, rows, "conflicting_files")];
  const spelled = pairOfVenue(rows[0].cells[place] ?? "");
  if (spelled !== null && words.every((word) => pairOfVenue(word) !== null))
    return { statement: statementBy(by, { symbols: [spelled] }), column: null, constants };
  const name = layout.names.length === 0 ? "symbol" : bareName(layout.names[place]);
  const readable = words.every((word) => isReadable(normalizeSymbol(word)));
  if (!SYMBOL_COLUMNS.has(name) && !readable) return none;
  const symbols = [...new Set(words.flatMap((word) => normalizeSymbol(word) ?? []))].sort();
  if (symbols.length > 0)
    return { statement: symbolStatement(known, by, texts, symbols), column: place, constants: [] };
  // What nobody can read contradicts nobody, as long as it is one text.
  if (known.symbol === null || words.length > 1) throw noPair(known, texts, by);
  return { statement: statementBy(by, {}), column: null, constants };
}

/** The columns of base and quote, which hold the pair in every row where both are there. */
function currencyConstants({ places: { base, quote } }: Layout, rows: readonly Row[]): ConstantColumn[] {
  if (base === undefined || quote === undefined || !isQuote(rows[0]?.cells[quote] ?? "")) return [];
  return [base, quote].map((place) => constantColumn(place, rows, "conflicting_files"));
}

/** The first row of each text that rows have. */
function firstRows(rows: readonly Row[], textOf: (row: Row) => string): Map<string, Row> {
  const first = new Map<string, Row>();
  for (const row of rows) if (!first.has(textOf(row))) first.set(textOf(row), row);
  return first;
}

/** Whether a word is a kind of market, a venue or both. */
function isMarket(word: string): boolean {
  const { kind, venue } = kindAndVenue(word);
  return kind !== null || venue !== null;
}

/**
 * What the symbols of a column state: pairs with their kind and venue, or a coin or a currency alone.
 * @throws CandlebookError `no_symbol` where they are several coins; `conflicting_files`
 */
function symbolStatement(
  known: KnownOfText,
  by: string,
  texts: ReadonlyMap<string, Row>,
  symbols: readonly string[],
): MarketStatement {
  if (!symbols.every(isCoin)) {
    const venue = venueOfPrefixes(known, texts);
    return statementBy(by, { symbols, kind: joinKinds(symbols.map(kindOf)) ?? null, venue });
  }
  if (symbols.length > 1 && known.symbol === null) throw noPair(known, texts, by);
  const [coin] = symbols;
  return statementBy(by, isMoney(coin) ? { quote: coin } : { coin });
}

/** Whether a symbol is a coin alone, or a currency: of a pair, a quote currency would be left. */
function isCoin(symbol: string): boolean {
  const isKnown =
    KNOWN_COINS.has(symbol) || isMoney(symbol) || isQuote(symbol) || /^[A-Z\d]{1,5}$/.test(symbol);
  return marketOf(symbol).base === null && isKnown;
}

function isReadable(symbol: string | null): boolean {
  return symbol !== null && (marketOf(symbol).base !== null || isCoin(symbol));
}

/** The venue in `BINANCE:BTCUSDT`, `BITSTAMP_SPOT_BTC_USD`, where all have one. @throws CandlebookError `conflicting_files` */
function venueOfPrefixes(known: KnownOfText, texts: ReadonlyMap<string, Row>): string | null {
  const venues = new Map<string | null, string | null>();
  for (const [text, row] of texts) {
    const [, prefix] = /^([^:_]+)(?::|_SPOT_|_PERP_|_FTS_)/.exec(text) ?? [];
    const [symbol, venue] = [normalizeSymbol(text), kindAndVenue(prefix ?? "").venue];
    const other = venues.get(symbol);
    if (other !== undefined && other !== venue && !known.stated.allowConflicts)
      throw several(known, row, `${symbol} of ${venue} beside ${symbol} of ${other}`);
    venues.set(symbol, venue);
  }
  const [venue = null, ...others] = new Set(venues.values());
  return others.length === 0 ? venue : null;
}

/**
 * What the columns of kinds and of venues state, which holds for every row.
 * @param pair the symbol column, which is none of them
 * @throws CandlebookError `conflicting_files` where one has several: two series in one file
 */
export function kindColumns(
  known: KnownOfText,
  { names }: Layout,
  rows: readonly Row[],
  pair: number | null,
): { statements: MarketStatement[]; constants: ConstantColumn[] } {
  const [statements, constants]: [MarketStatement[], ConstantColumn[]] = [[], []];
  for (const [place, cell] of names.entries()) {
    if (place === pair || !KIND_COLUMNS.has(bareName(cell))) continue;
    const statement = kindStatement(known, cell, rows, place);
    if (statement === null) continue;
    statements.push(statement);
    if (!known.stated.allowConflicts) constants.push(constantColumn(place, rows, "conflicting_files"));
  }
  return { statements, constants };
}

/** What one column states of kind and venue, or null. @throws CandlebookError `conflicting_files` where it has several */
function kindStatement(
  known: KnownOfText,
  name: string,
  rows: readonly Row[],
  place: number,
): MarketStatement | null {
  const values = firstRows(rows, ({ cells }) => {
    const text = (cells[place] ?? "").trim().toLowerCase();
    const { kind, venue } = kindAndVenue(text);
    return isMarket(text) ? `${venue ?? ""} ${kind ?? ""}`.trim() : text;
  });
  const found = [...values.values()].map((row) => kindAndVenue(row.cells[place] ?? ""));
  const hasKind = found.some(({ kind }) => kind !== null);
  const isKnown = hasKind || found.some(({ venue }) => venue !== null);
  if (!hasKind) values.delete("");
  const counts = isKnown || SURE_COLUMNS.has(bareName(name));
  if (values.size > 1 && counts && !known.stated.allowConflicts) {
    const [[first], [second, row]] = values;
    const both = `column ${place + 1} names ${second || "nothing"} beside ${first || "nothing"}`;
    throw several(known, row, both);
  }
  if (!isKnown) return null;
  const [{ kind, venue }] = found;
  return statementBy(`column ${place + 1}`, { kind, venue });
}

function several({ where }: KnownOfText, row: Row, what: string) {
  return inputError(
    "conflicting_files",
    `${where}, line ${row.line}: "${shortened(row.text)}": ${what}: two markets in one file.`,
    "Give each market a file of its own; or take it as one market: --allow-conflicts.",
  );
}

function noPair({ where }: KnownOfText, texts: ReadonlyMap<string, Row>, by: string) {
  const [[text, row]] = texts;
  return inputError(
    "no_symbol",
    `${where}, line ${row.line}: "${shortened(row.text)}": ${by} has "${text}", which is no trading pair that is known.`,
    `State the pair in the place of the path: BTCUSDT=${where}`,
  );
}
