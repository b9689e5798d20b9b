import { marketOf, normalizeSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { bareName } from "./columnName.ts";
import type { Evidence } from "./evidence.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";
import type { FoundMarket } from "./market.ts";
import { KINDS } from "./words.ts";

interface TextSeen {
  known: KnownOfText;
  layout: Layout;
  rows: readonly Row[];
  /** Receives what the column states. */
  evidence: Evidence[];
}

/**
 * The market with the kind that a column states: a perpetual that is called as the spot market is `BTCUSDT_PERP`.
 * @throws CandlebookError `no_symbol` where the kind contradicts the pair, or the pair lacks what the kind needs
 */
export function withKind(
  { known, layout: { places }, rows, evidence }: TextSeen,
  found: FoundMarket,
): FoundMarket {
  const place = places.kind;
  const row = place === undefined ? undefined : rows.find(({ cells }) => (cells[place] ?? "") !== "");
  if (place === undefined || row === undefined || found.market === null) return found;
  const word = row.cells[place];
  const kind = KINDS.get(bareName(word).toUpperCase());
  const own = places.symbol === undefined ? [] : symbolsOf(rows, places.symbol);
  const symbols = found.symbol === null ? own : [found.symbol];
  const isSpot = symbols.map((symbol) => marketOf(symbol).kind === "spot");
  if (kind === undefined || isSpot.every((spot) => spot === (kind === "spot"))) return found;
  const [only] = symbols;
  if (kind !== "perpetual" || known.symbol !== null || symbols.length > 1) {
    throw inputError(
      "no_symbol",
      `${known.where}, line ${row.line}: "${shortened(row.text)}": column ${place + 1} states ${word}, but the pair is ${symbols.slice(0, 5).join(", ")}.`,
      "State no pair, or one of that kind in the place of the path: BTCUSDT_PERP of a perpetual, BTCUSDT_240628 of a delivery; a file of several pairs has to spell them so.",
    );
  }
  const symbol = `${only}_PERP`;
  evidence.push({ question: "market", answer: symbol, grade: "stated", by: `column ${place + 1}` });
  const column = found.symbol === null ? places.symbol : undefined;
  const constants = column === undefined ? [] : [{ place: column, text: rows[0].cells[column] ?? "" }];
  return { symbol, market: marketOf(symbol), constants: [...found.constants, ...constants] };
}

function symbolsOf(rows: readonly Row[], place: number): string[] {
  return [...new Set(rows.flatMap(({ cells }) => normalizeSymbol(cells[place] ?? "") ?? []))];
}
