import { isQuote, isSpot, type Market, marketOf, normalizeSymbol } from "../candle/symbol.ts";
import { type CandlebookError, inputError } from "../core/errors.ts";
import type { Evidence } from "./evidence.ts";
import { statedByFolders } from "./folders.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";
import { pairOfVenue, samePair, statedByNames } from "./names.ts";

/** A column that has to hold one text in every row, because the file's pair, or its zone, is known by it. */
export interface ConstantColumn {
  place: number;
  text: string;
  /** By default the market. */
  of?: "zone";
}

/** Whose candles a text holds. */
export interface FoundMarket {
  /** The pair; null where a column states it row by row. */
  symbol: string | null;
  /** Of the pair, or of the column's first. */
  market: Market | null;
  constants: ConstantColumn[];
}

/** Whose candles these are: what the person states, else a column, else the names, with the coin that the header gives. */
export function findMarket(
  known: KnownOfText,
  layout: Layout,
  rows: readonly Row[],
  evidence: Evidence[],
): FoundMarket {
  refuseSeveral(known, layout, rows);
  const constant = constantPair(layout, rows);
  if (constant !== null) return byConstants(known, constant, rows, evidence);
  const column = layout.places.symbol;
  return column === undefined ? byNames(known, layout, evidence) : byColumn(known, column, rows, evidence);
}

function state(evidence: Evidence[], answer: string, by: string): void {
  evidence.push({ question: "market", answer, grade: "stated", by });
}

function byConstants(
  { where, symbol: stated }: KnownOfText,
  { symbol, constants }: { symbol: string; constants: ConstantColumn[] },
  rows: readonly Row[],
  evidence: Evidence[],
): FoundMarket {
  const columns = constants.map(({ place }) => `column ${place + 1}`).join(" and ");
  if (stated !== null && !samePair(stated, symbol)) {
    throw inputError(
      "no_symbol",
      `${where}, line ${rows[0].line}: "${shortened(rows[0].text)}": SYMBOL=PATH states ${stated}, but ${columns} ${constants.length > 1 ? "name" : "names"} ${symbol}.`,
      "State the pair that the column names, or none.",
    );
  }
  state(evidence, stated ?? symbol, stated === null ? columns : `SYMBOL=PATH; ${columns}`);
  return { symbol: stated ?? symbol, market: marketOf(stated ?? symbol), constants };
}

function byNames(known: KnownOfText, layout: Layout, evidence: Evidence[]): FoundMarket {
  const folders = statedByFolders(known.folders ?? []);
  refuseOtherPrices(known);
  const { contradiction } = statedByNames(known.names);
  const named = contradiction === null ? namedPair(known, layout) : null;
  // Binance's archive gives spot and futures the same names, in folders that tell them apart.
  const futures = named !== null && isSpot(named.symbol) ? folders.futures : null;
  const found = named !== null && futures !== null ? `${named.symbol}_PERP` : (named?.symbol ?? null);
  const symbol = known.symbol ?? found;
  if (symbol === null) throw noPair(known.where, layout, contradiction);
  const by = [...(named === null ? [] : [named.by]), ...(futures === null ? [] : [`the folder ${futures}`])];
  state(evidence, symbol, known.symbol === null ? by.join("; ") : "SYMBOL=PATH");
  if (known.symbol !== null) sayOther(known.names, [known.symbol], evidence);
  return { symbol, market: marketOf(symbol), constants: [] };
}

function noPair(where: string, { header }: Layout, contradiction: string | null): CandlebookError {
  const shown = header === null ? "it has no header" : `its header is "${shortened(header)}"`;
  return inputError(
    "no_symbol",
    contradiction === null
      ? `${where} names its trading pair neither in a column nor in its name; ${shown}.`
      : `${where}: ${contradiction}.`,
    `State it in the place of the path: BTCUSDT=${where}`,
  );
}

/** The pair in the file's name, in the name with the header's coin, or in the folder. */
function namedPair(
  { names, folders = [] }: KnownOfText,
  { coin }: Layout,
): { symbol: string; by: string } | null {
  const { symbol, quoteOnly } = statedByNames(names);
  if (symbol !== null) return { symbol, by: `the name ${names[0]}` };
  if (quoteOnly !== null && coin !== null) {
    return { symbol: coin + quoteOnly, by: `the name ${names[0]} and the header` };
  }
  const { symbol: inFolder } = statedByFolders(folders);
  return inFolder === null ? null : { symbol: inFolder.symbol, by: `the folder ${inFolder.folder}` };
}

/** A statement and a column outweigh a name; where the name states another pair, that is printed. */
function sayOther(names: readonly string[], symbols: readonly string[], evidence: Evidence[]): void {
  const { symbol: named } = statedByNames(names);
  if (named === null || symbols.some((symbol) => samePair(symbol, named))) return;
  const by = `although the name ${names[0]} states ${named}`;
  evidence.push({ question: "market", answer: symbols.slice(0, 5).join(", "), grade: "assumed", by });
}

function byColumn(
  known: KnownOfText,
  column: number,
  rows: readonly Row[],
  evidence: Evidence[],
): FoundMarket {
  const found = rows
    .map(({ cells }) => normalizeSymbol(cells[column] ?? ""))
    .filter((symbol) => symbol !== null);
  const several = [...new Set(found)].sort();
  if (known.symbol !== null) {
    state(
      evidence,
      known.symbol,
      `SYMBOL=PATH; rows that column ${column + 1} gives to another pair are rejected`,
    );
    sayOther(known.names, [known.symbol], evidence);
    // Where the column names other pairs alone, the header's words are theirs.
    const isOther = several.every((symbol) => !isNamed(symbol, known.symbol as string));
    const named = marketOf((isOther ? several[0] : undefined) ?? known.symbol);
    return { symbol: known.symbol, market: { ...named, kind: marketOf(known.symbol).kind }, constants: [] };
  }
  state(evidence, several.slice(0, 5).join(", "), `column ${column + 1}`);
  sayOther(known.names, several, evidence);
  return { symbol: null, market: several.length === 0 ? null : marketOf(several[0]), constants: [] };
}

/** The pair by two columns, of the base and the quote currency, or by a column of a spelling that one venue has. */
function constantPair({ places }: Layout, rows: readonly Row[]) {
  const { symbol: column, base, quote } = places;
  const constantOf = (place: number) => ({ place, text: rows[0]?.cells[place] ?? "" });
  if (column !== undefined) {
    const constant = constantOf(column);
    const symbol = pairOfVenue(constant.text);
    const all = rows.every(({ cells }) => pairOfVenue(cells[column] ?? "") !== null);
    return symbol === null || !all ? null : { symbol, constants: [constant] };
  }
  if (base === undefined || quote === undefined) return null;
  const constants = [constantOf(base), constantOf(quote)];
  const [b, q] = constants.map(({ text }) => text);
  const symbol = isQuote(q) ? normalizeSymbol(b + q) : null;
  return symbol === null ? null : { symbol, constants };
}

/**
 * Holds rows against the pair and the zone that their file is known by.
 * @throws CandlebookError `conflicting_files`, `no_time_zone` at the first row of another one
 */
export function refuseOtherPairs(
  where: string,
  constants: readonly ConstantColumn[],
  rows: readonly Row[],
): void {
  for (const { place, text, of = "market" } of constants) {
    const other = rows.find(({ cells }) => cells.length > place && cells[place] !== text);
    if (other === undefined) continue;
    throw inputError(
      of === "zone" ? "no_time_zone" : "conflicting_files",
      `${where}, line ${other.line}: "${shortened(other.text)}": column ${place + 1} is not ${text}, as in the rows before: two ${of}s in one file.`,
      `Give each ${of} a file of its own.`,
    );
  }
}

/** Whether a column's pair, or its coin alone, is the stated pair. */
function isNamed(inColumn: string, stated: string): boolean {
  return inColumn === stated || inColumn === marketOf(stated).base;
}

/** A column of venues, or of kinds of market, that has several: two series in one file. */
function refuseSeveral({ where }: KnownOfText, { places }: Layout, rows: readonly Row[]): void {
  for (const place of [places.venue, places.kind]) {
    if (place === undefined) continue;
    const values = new Map(rows.map((row) => [(row.cells[place] ?? "").trim().toLowerCase(), row]));
    values.delete("");
    if (values.size < 2) continue;
    const [[first], [second, row]] = values;
    throw inputError(
      "conflicting_files",
      `${where}, line ${row.line}: "${shortened(row.text)}": column ${place + 1} names ${second} beside ${first}: two markets in one file.`,
      "Give each market a file of its own.",
    );
  }
}

/** Prices that nobody traded at. */
const NO_TRADES =
  /(mark|index|premium)[-_ ]?(index[-_ ]?)?(price|klines)|premium[-_ ]?index|[-_]mark(?=[-_.])/i;

function refuseOtherPrices({ where, names, symbol }: KnownOfText): void {
  const name = names.find((one) => NO_TRADES.test(one));
  if (symbol !== null || name === undefined) return;
  throw inputError(
    "no_symbol",
    `${where}: the name ${name} states prices of an index or for margins, not of trades.`,
    `If they are a market's, state it in the place of the path: BTCUSDT=${where}`,
  );
}
