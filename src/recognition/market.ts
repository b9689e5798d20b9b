import { type Market, marketOf, namesOf, normalizeSymbol, sameCoin } from "../candle/symbol.ts";
import { type CandlebookError, inputError } from "../core/errors.ts";
import type { Evidence } from "./evidence.ts";
import { statedByFolders } from "./folders.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";
import {
  type ConstantColumn,
  currencyColumns,
  kindColumns,
  type MarketStatement,
  type PairColumns,
  pairColumns,
  statementBy,
} from "./marketColumns.ts";
import { joinKinds, kindOf, samePair, statedByNames, withFuture } from "./names.ts";
import type { StatedKind } from "./words.ts";

/** Whose candles a text holds. */
export interface FoundMarket {
  /** The pair; null where a column states it row by row. */
  symbol: string | null;
  /** Of the pair, or of the column's first. */
  market: Market | null;
  /** Whose prices they are, in capitals; null where nothing states it. */
  venue: string | null;
  constants: ConstantColumn[];
  /** The symbol column that is read in every row, or null. */
  column: number | null;
  /** What it may have where the pair is known otherwise. */
  names: readonly string[];
  /** Whether its plain pairs are perpetuals: Binance and Bybit give both one name. */
  perpetual: boolean;
}

/**
 * Whose candles these are: what the person states, the columns, the names and the folders, joined. One adds what another
 * leaves open; where two contradict each other the file is refused. What the person states outweighs names and folders.
 * @throws CandlebookError `no_symbol`, `conflicting_files`
 */
export function findMarket(
  known: KnownOfText,
  layout: Layout,
  rows: readonly Row[],
  evidence: Evidence[],
): FoundMarket {
  const ofPair = pairColumns(known, layout, rows);
  const ofKind = kindColumns(known, layout, rows, ofPair.column);
  const pair = { ...ofPair, constants: [...ofPair.constants, ...ofKind.constants] };
  const columns = [...currencyColumns(layout, rows), ...ofKind.statements];
  const inFile = pair.statement === null ? columns : [pair.statement, ...columns];
  const around = [statementOfNames(known, layout), ...statementsOfFolders(known)];
  const venue = [...inFile, ...around].find((one) => one.venue !== null)?.venue ?? null;
  const say = (symbols: readonly string[], by: readonly string[]) =>
    evidence.push({
      question: "market",
      answer: fewOf(symbols),
      grade: "stated",
      by: [...new Set(by)].join("; "),
    });
  if (known.symbol !== null) {
    const { symbol } = known;
    refuseOtherStatement(known, symbol, pair, columns);
    const held =
      pair.column === null ? [] : [`rows that column ${pair.column + 1} gives to another pair are rejected`];
    say([symbol], ["SYMBOL=PATH", ...held]);
    sayOther(known, symbol, evidence);
    return { symbol, market: marketOfRows(symbol, pair), venue, perpetual: false, ...columnOf(pair, symbol) };
  }
  const all = [...inFile, ...around];
  refuseContradictions(known, all);
  const kinds = all.filter((one) => one.kind !== null);
  const kind = joinKinds(kinds.map((one) => one.kind)) ?? kinds[0]?.kind ?? null;
  const by = statementsOfPair(all);
  if (by === null) throw noSymbol(known, layout, all);
  const symbols = by.symbols.map((symbol) => withFuture(symbol, kind));
  refuseKind(known, kind, symbols, kinds);
  say(symbols, [...by.by, ...kinds.filter((one) => one.kind !== "spot").map((one) => one.by)]);
  if (pair.column !== null && by.symbols === pair.statement?.symbols) {
    const perpetual = symbols.some((symbol, i) => symbol !== by.symbols[i]);
    const { column, constants } = pair;
    return { symbol: null, market: marketOf(symbols[0]), venue, column, constants, names: [], perpetual };
  }
  const [symbol] = symbols;
  return { symbol, market: marketOf(symbol), venue, perpetual: false, ...columnOf(pair, symbol) };
}

/** The statement that has the pair, or those of the coin and of the quote currency. */
function statementsOfPair(
  all: readonly MarketStatement[],
): { symbols: readonly string[]; by: string[] } | null {
  const whole = all.find(({ symbols }) => symbols.length > 0);
  if (whole !== undefined) return { symbols: whole.symbols, by: [whole.by] };
  const coin = all.find((one) => one.coin !== null);
  const quote = all.find((one) => one.quote !== null);
  const symbol =
    coin === undefined || quote === undefined ? null : normalizeSymbol(`${coin.coin}${quote.quote}`);
  return symbol === null ? null : { symbols: [symbol], by: [coin?.by ?? "", quote?.by ?? ""] };
}

/** The column that rows are held against. A plain pair is another market where the column has the whole symbol too. */
function columnOf({ column, constants, statement }: PairColumns, symbol: string) {
  const names = statement?.symbols.includes(symbol) && kindOf(symbol) !== null ? [symbol] : namesOf(symbol);
  return { column, constants, names };
}

/** Whose the header's words are: where a column names other pairs than the stated one, theirs. */
function marketOfRows(symbol: string, { column, statement }: PairColumns): Market {
  const others = column === null ? [] : (statement?.symbols ?? []);
  const isOther = others.length > 0 && others.every((one) => !namesOf(symbol).includes(one));
  return { ...marketOf(isOther ? others[0] : symbol), kind: marketOf(symbol).kind };
}

function statementOfNames({ names }: KnownOfText, { coin }: Layout): MarketStatement {
  const { symbol, quoteOnly: quote, kind, venue, name } = statedByNames(names);
  const by = `the name ${name}${symbol === null && quote !== null && coin !== null ? " and the header" : ""}`;
  const symbols = symbol === null ? [] : [symbol];
  return statementBy(by, {
    symbols,
    quote,
    coin: quote === null ? null : coin,
    kind: kind ?? kindOf(symbol ?? ""),
    venue,
  });
}

/** A name outweighs the folders' pair; their kind and venue have to agree with it. */
function statementsOfFolders({ names, folders = [] }: KnownOfText): MarketStatement[] {
  const { symbol, kind, venue } = statedByFolders(folders);
  const { symbol: named, contradiction } = statedByNames(names);
  const pair = symbol === null || named !== null || contradiction !== null ? null : symbol;
  return [
    ...(pair === null
      ? []
      : [statementBy(`the folder ${pair.folder}`, { symbols: [pair.symbol], kind: kindOf(pair.symbol) })]),
    ...(kind === null ? [] : [statementBy(`the folder ${kind.folder}`, { kind: kind.kind })]),
    ...(venue === null ? [] : [statementBy(`the folder ${venue.folder}`, { venue: venue.venue })]),
  ];
}

const plain = (symbol: string) => symbol.replace(/_.*/, "");

/** Whether two statements can be of one market. */
function agree(a: MarketStatement, b: MarketStatement): boolean {
  const every = <T>(left: readonly T[], right: readonly T[], same: (l: T, r: T) => boolean) =>
    left.length === 0 || right.length === 0 || left.some((l) => right.some((r) => same(l, r)));
  const coins = ({ symbols, coin }: MarketStatement) =>
    symbols.length > 0
      ? symbols.flatMap((symbol) => marketOf(symbol).base ?? [])
      : coin === null
        ? []
        : [coin];
  const quotes = ({ symbols, quote }: MarketStatement) =>
    symbols.length > 0
      ? symbols.flatMap((symbol) => marketOf(symbol).quote ?? [])
      : quote === null
        ? []
        : [quote];
  const sameSymbol = (l: string, r: string) =>
    samePair(plain(l), plain(r)) &&
    (l.slice(plain(l).length) === r.slice(plain(r).length) || [l, r].some((one) => one === plain(one)));
  return (
    every(a.symbols, b.symbols, sameSymbol) &&
    every(coins(a), coins(b), sameCoin) &&
    every(quotes(a), quotes(b), (l, r) => l === r) &&
    (a.venue === null || b.venue === null || a.venue === b.venue) &&
    joinKinds([a.kind, b.kind]) !== undefined
  );
}

/** @throws CandlebookError `no_symbol` */
function refuseContradictions({ where, stated }: KnownOfText, all: readonly MarketStatement[]): void {
  if (stated.allowConflicts) return;
  for (const [i, one] of all.entries()) {
    const other = all.slice(i + 1).find((next) => !agree(one, next));
    if (other === undefined) continue;
    const example = [...one.symbols, ...other.symbols, "BTCUSDT"][0];
    throw inputError(
      "no_symbol",
      `${where}: ${one.by}: ${shown(one)}, but ${other.by}: ${shown(other)}.`,
      `State the pair in the place of the path, ${example}=${where}, or, of a perpetual, ${plain(example)}_PERP=${where}; or believe ${one.by}: --allow-conflicts.`,
    );
  }
}

/** @throws CandlebookError `no_symbol` where columns contradict what the person states, and not row by row */
function refuseOtherStatement(
  { where }: KnownOfText,
  symbol: string,
  { statement, column }: PairColumns,
  columns: readonly MarketStatement[],
): void {
  const own = statementBy("SYMBOL=PATH", { symbols: [symbol], kind: kindOf(symbol) ?? "spot" });
  const constant = statement !== null && column === null ? [statement] : [];
  // That prices which nobody traded at are a market's can be stated.
  const other = [...constant, ...columns.filter(({ kind }) => kind !== "index")].find(
    (one) => !agree({ ...own, venue: one.venue }, one),
  );
  if (other === undefined) return;
  const right = other.symbols[0] ?? withFuture(plain(symbol), other.kind);
  throw inputError(
    "no_symbol",
    `${where}: SYMBOL=PATH: ${shown(own)}, but ${other.by}: ${shown(other)}.`,
    `If ${other.by} is right, state ${right}=${where}, or of a delivery its day, ${plain(symbol)}_240628=${where}.`,
  );
}

/** What a statement says, in words. */
function shown({ symbols, coin, quote, kind, venue }: MarketStatement): string {
  const pair =
    symbols.length > 0 ? fewOf(symbols) : [coin, quote].filter((one) => one !== null).join(" and ");
  const words = [pair, kind === null ? "" : kind === "index" ? "prices of an index" : kind, venue ?? ""];
  return words.filter((word) => word !== "").join(", ");
}

function fewOf(symbols: readonly string[]): string {
  const few = symbols.slice(0, 5).join(", ");
  return symbols.length > 5 ? `${few} and ${symbols.length - 5} more` : few;
}

/** @throws CandlebookError `no_symbol` of prices that nobody traded at, and of a delivery without its day */
function refuseKind(
  { where }: KnownOfText,
  kind: StatedKind | null,
  symbols: readonly string[],
  kinds: readonly MarketStatement[],
): void {
  const by = kinds.find((one) => one.kind === kind)?.by;
  if (kind === "index") {
    throw inputError(
      "no_symbol",
      `${where}: ${by} states prices of an index or for margins, not of trades.`,
      `If they are a market's, state it in the place of the path: ${symbols[0]}=${where}`,
    );
  }
  const open = kind === "delivery" ? symbols.find((symbol) => kindOf(symbol) === null) : undefined;
  if (open === undefined) return;
  throw inputError(
    "no_symbol",
    `${where}: ${by} states a delivery of ${open}, and nothing on which day.`,
    `State it in the place of the path: ${open}_240628=${where}`,
  );
}

function noSymbol(
  { where, names }: KnownOfText,
  layout: Layout,
  all: readonly MarketStatement[],
): CandlebookError {
  const { contradiction } = statedByNames(names);
  const half = all.find(({ coin, quote }) => coin !== null || quote !== null);
  const header = layout.header === null ? "it has no header" : `its header is "${shortened(layout.header)}"`;
  const found =
    contradiction !== null
      ? `: its names state ${contradiction}`
      : half !== undefined
        ? `: ${half.by}: ${shown(half)} alone, and nothing states the other currency of the pair; ${header}`
        : ` names its trading pair neither in a column nor in its name; ${header}`;
  const example = `${half?.coin ?? "BTC"}${half?.quote ?? "USDT"}`;
  return inputError(
    "no_symbol",
    `${where}${found}.`,
    `State it in the place of the path: ${example}=${where.replace(/(\.zip)\/.*/, "$1")}`,
  );
}

/** What a person states outweighs a name; where the name states another market, that is printed. */
function sayOther({ names }: KnownOfText, symbol: string, evidence: Evidence[]): void {
  const { symbol: named, name } = statedByNames(names);
  if (named === null || samePair(symbol, named)) return;
  const by = `although the name ${name} states ${named}`;
  evidence.push({ question: "market", answer: symbol, grade: "assumed", by });
}

const TWO = {
  conflicting_files: ["two markets", "Give each market a file of its own."],
  mixed_intervals: ["candles of two lengths", "Give each length a file of its own."],
  no_time_zone: ["two zones", "Give each zone a file of its own."],
} as const;

/** @throws CandlebookError `conflicting_files`, `mixed_intervals`, `no_time_zone` at the first row that has another text in such a column */
export function refuseOtherTexts(
  where: string,
  constants: readonly ConstantColumn[],
  rows: readonly Row[],
): void {
  for (const { place, texts, code } of constants) {
    const isOther = ({ cells }: Row) => cells.length > place && !texts.includes(cells[place].toLowerCase());
    const other = rows.find(isOther);
    if (other === undefined) continue;
    const [two, next] = TWO[code];
    throw inputError(
      code,
      `${where}, line ${other.line}: "${shortened(other.text)}": column ${place + 1} is not ${texts[0]}, as in the rows before: ${two} in one file.`,
      next,
    );
  }
}
