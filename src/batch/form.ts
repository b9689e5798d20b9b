import { type CandlebookError, inputError } from "../core/errors.ts";
import { type ColumnMap, KLINE_COLUMNS, mapHeader, SEED_COLUMNS } from "./columns.ts";

/** How a file's lines are to be read. */
export interface FileForm {
  delimiter: string;
  /** Fields of a line that is whole. */
  fields: number;
  columns: ColumnMap;
  /** The header's line, counted from 1; 0 where there is none. */
  headerLine: number;
  /** The header as it stands, or null. */
  header: string | null;
}

const KNOWN_FORMS =
  "Known: a header naming time, open, high, low, close, volume (in any order, also Kaggle's and CryptoDataDownload's names); Binance's 12 kline columns; the six columns time, open, high, low, close, volume.";

const DELIMITERS = [",", ";", "\t", "|"];
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const LINES_SEARCHED = 10;

/**
 * A file's form from its first lines: a header is looked for, lines before it are no rows; where there is none,
 * the number of columns tells.
 * @param lines the first lines, without line ends
 * @throws CandlebookError `empty_file`, or `unknown_form` with the header found and the forms known
 */
export function detectForm(name: string, lines: readonly string[]): FileForm {
  const head = lines.slice(0, LINES_SEARCHED);
  const first = head.findIndex((line) => line.trim() !== "");
  if (first < 0) throw inputError("empty_file", `${name} holds no line.`, "Check the file.");
  for (const [index, line] of head.entries()) {
    const delimiter = delimiterOf(line);
    const fields = splitLine(line, delimiter);
    if (looksLikeRow(fields)) break;
    const mapped = mapHeader(fields);
    if ("columns" in mapped) {
      return {
        delimiter,
        fields: fields.length,
        columns: mapped.columns,
        headerLine: index + 1,
        header: line,
      };
    }
  }
  return withoutHeader(name, head.slice(first));
}

function withoutHeader(name: string, lines: readonly string[]): FileForm {
  const row = lines.find((line) => looksLikeRow(splitLine(line, delimiterOf(line))));
  if (row === undefined) throw unknownForm(name, lines[0]);
  const delimiter = delimiterOf(row);
  const fields = splitLine(row, delimiter).length;
  if (fields !== 6 && fields !== 12) throw unknownForm(name, lines[0]);
  const columns = fields === 12 ? KLINE_COLUMNS : SEED_COLUMNS;
  return { delimiter, fields, columns, headerLine: 0, header: null };
}

function unknownForm(name: string, line: string): CandlebookError {
  const shown = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  const jsonOrBinary = /^\s*[[{]/.test(line) || /\.(json|feather|parquet|xlsx?)$/i.test(name);
  return inputError(
    "unknown_form",
    `${name} has no form of candles that is known. Its first line: ${shown}`,
    jsonOrBinary
      ? `JSON and Feather (Freqtrade's), Parquet and Excel files are not read: export CSV. ${KNOWN_FORMS}`
      : KNOWN_FORMS,
  );
}

function delimiterOf(line: string): string {
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))];
}

function splitLine(line: string, delimiter: string): string[] {
  return line.split(delimiter).map((field) => field.replace(/^\s*"?|"?\s*$/g, ""));
}

/** A time and a number after it: no header begins so. */
function looksLikeRow([time, open]: readonly string[]): boolean {
  if (open === undefined || !NUMBER.test(open)) return false;
  return NUMBER.test(time) || /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/.test(time);
}

const QUOTES = /^[A-Z0-9]+(USDT|USDC|BUSD|FDUSD|TUSD|USD|EUR|GBP|JPY|TRY|BRL|AUD|KRW|BTC|ETH|BNB)$/;

/** The trading pair that the first telling name tells (`BTCUSDT_1min.csv`, `BTCUSDT-1m-2024-01.zip`), or null. */
export function symbolInNames(names: readonly string[]): string | null {
  const words = names.flatMap((name) => name.toUpperCase().split(/[^A-Z0-9]+/));
  return words.find((word) => word.length >= 5 && word.length <= 20 && QUOTES.test(word)) ?? null;
}

/** Neither a column nor the name nor the caller tells whose candles these are. */
export function noSymbol(name: string, path: string, header: string | null): CandlebookError {
  const shown = header === null ? "It has no header" : `Its header: ${header.slice(0, 200)}`;
  return inputError(
    "no_symbol",
    `${name} doesn't tell its trading pair, neither in a column nor in its name. ${shown}.`,
    `Say it: --csv BTCUSDT=${path}`,
  );
}
