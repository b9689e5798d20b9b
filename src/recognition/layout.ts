import { type CandlebookError, inputError } from "../core/errors.ts";
import { cellsOf, delimiterOf, isPlainNumber, numberOf } from "./cells.ts";
import { type HeaderFacts, type Holds, type Places, readHeader, zoneOfTimes } from "./header.ts";
import { kindAndVenue } from "./names.ts";
import type { Statement } from "./statement.ts";
import { isDateText, isTimeOfDay, SERIAL_RANGE } from "./times.ts";
import type { VolumeColumn } from "./volumeName.ts";

/** Where a file's columns are, and by what that is known. */
export interface Layout extends HeaderFacts {
  delimiter: string;
  /** Cells of a line that is whole, the empty one after a trailing delimiter included. */
  fields: number;
  headerLine: number;
  header: string | null;
  /** The header's cells; empty where there is none. */
  names: string[];
  by: "--columns" | "the header" | "the number of columns";
}

const KNOWN_FORMS =
  "Known: a header that names time, open, high, low, close and volume in any order; without a header Binance's 12 columns, Kraken's 7 or 8, Kaiko's 8, OKX' 9, or time, open, high, low, close, volume. For another order: --columns time,open,high,low,close,volume";

const FEWEST_CELLS = 6;
/** A line that lacks as many of time, open, high, low and close is no header. */
const FEWEST_MISSING = 3;
/** Rows, at least, that have to say what a column without a name is: a torn line alone does not. */
const FEW_TELLING = 3;
const LINES_SEARCHED = 10;
/** Rows that a form is known by. */
const ROWS_SEEN = 1000;

/** A text's first lines as rows: their numbers, their cells. */
export interface Row {
  line: number;
  text: string;
  cells: readonly string[];
}

/**
 * Where the columns of a text are: by `--columns`, by its header, or by their number. Lines before the header are no rows.
 * @param where the file, for messages
 * @param lines the first lines, without line ends
 * @throws CandlebookError `empty_file`, `unknown_form`
 */
export function findLayout(
  where: string,
  lines: readonly string[],
  stated: Statement,
): { layout: Layout; rows: Row[] } {
  const head = lines.slice(0, LINES_SEARCHED);
  const first = head.findIndex((line) => line.trim() !== "");
  if (first < 0) throw inputError("empty_file", `${where} holds no line.`, "Check the file.");
  const start = head.findIndex((line) => looksLikeRow(cellsOf(line, delimiterOf(line))));
  const before = start < 0 ? head : head.slice(0, start);
  if (stated.columns !== undefined) return withColumns(where, lines, start, stated.columns);
  let missing: Incomplete | null = null;
  for (const [index, line] of before.entries()) {
    const delimiter = delimiterOf(line);
    const names = cellsOf(line, delimiter);
    // Files that were joined have a header between the rows too.
    const rows = rowsOf(lines, index + 1, delimiter).filter(({ text }) => text !== line && /\d/.test(text));
    const facts = readHeader(names, null, holdsOf(rows));
    if (facts.missing.length > 0) {
      if (facts.missing.length < FEWEST_MISSING)
        missing ??= { names: facts.missing, line: index + 1, text: line };
      continue;
    }
    if (facts.twice.length > 0) throw twice(where, index + 1, line, facts.twice);
    const fields = fieldsOf(rows, names.at(-1) === "" ? names.length - 1 : names.length, names.length);
    return {
      layout: { ...facts, delimiter, fields, headerLine: index + 1, header: line, names, by: "the header" },
      rows,
    };
  }
  if (missing !== null) throw incomplete(where, missing);
  if (start < 0) throw unknownForm(where, head[first], first + 1);
  return withoutHeader(where, lines, start, stated);
}

interface Incomplete {
  names: readonly string[];
  line: number;
  text: string;
}

function incomplete(where: string, { names, line, text }: Incomplete): CandlebookError {
  return inputError(
    "unknown_form",
    `${where}, line ${line}: the header "${shortened(text)}" has no column that is known for the ${names.join(" and the ")}.`,
    "Name the columns: --columns time,open,high,low,close,volume, with - for those that are not read.",
  );
}

/** What the cells of rows can be. */
function holdsOf(rows: readonly Row[]): Holds {
  return (role, place) => {
    const cells = rows.map(({ cells }) => cells[place] ?? "").filter((cell) => cell !== "");
    if (rows.length === 0) return true;
    if (role === "symbol") return cells.some((cell) => /\p{L}/u.test(cell) && !isWord(cell));
    if (role === "base" || role === "quote") return !cells.some(isPlainNumber);
    if (role === "timeOfDay") return !cells.some((cell) => /^\d{9}/.test(cell) || isDateText(cell));
    if (role === "time") return !countsRows(cells) || isSerialDay(Number(cells[0]));
    if (role === "interval" || role === "trades") return !countsRows(cells);
    return true;
  };
}

/** Whether a cell is a venue or a kind of market: columns of them are called `market`, `instrument`, `s` too. */
function isWord(cell: string): boolean {
  const { kind, venue } = kindAndVenue(cell);
  return kind !== null || venue !== null;
}

/** Whether a number is a day as spreadsheets count them: days in a row increase by one too. */
function isSerialDay(value: number): boolean {
  return value >= SERIAL_RANGE[0] && value <= SERIAL_RANGE[1];
}

/** Whether numbers increase by one from row to row, and are too small for times. */
function countsRows(cells: readonly string[]): boolean {
  const [first] = cells;
  return (
    cells.length >= 3 && Number(first) < 1e7 && cells.every((cell, i) => Number(cell) === Number(first) + i)
  );
}

function rowsOf(lines: readonly string[], from: number, delimiter: string): Row[] {
  const rows: Row[] = [];
  for (let i = from; i < lines.length && rows.length < ROWS_SEEN; i += 1) {
    if (lines[i].trim() !== "")
      rows.push({ line: i + 1, text: lines[i], cells: cellsOf(lines[i], delimiter) });
  }
  return rows;
}

/** A trailing delimiter adds an empty cell to nearly every row, whatever the header has. */
function fieldsOf(rows: readonly Row[], named: number, inHeader: number): number {
  const trailing = rows.filter(({ cells }) => cells.length === named + 1 && cells[named] === "").length;
  return trailing > rows.length / 2 ? named + 1 : inHeader;
}

/** A time, and a number or a time of day after it: no header begins so. */
function looksLikeRow([time = "", next = ""]: readonly string[]): boolean {
  const isNumber = (cell: string) => isPlainNumber(cell) || /^\d[\d.,' ]*\d$/.test(cell);
  return (isPlainNumber(time.replace(",", ".")) || isDateText(time)) && (isNumber(next) || isTimeOfDay(next));
}

/** Layouts without a header: the volume columns are `unnamed` where only the numbers can distinguish them. */
const BARE: Record<number, readonly (readonly string[])[]> = {
  6: [["time", "open", "high", "low", "close", "volume"]],
  7: [
    ["time", "timeOfDay", "open", "high", "low", "close", "volume"],
    ["time", "open", "high", "low", "close", "volume", "closeTime"],
    ["time", "open", "high", "low", "close", "volume", "amount"],
    ["time", "open", "high", "low", "close", "volume", "trades"],
  ],
  8: [
    ["time", "open", "high", "low", "close", "vwap", "volume", "trades"],
    ["time", "trades", "open", "high", "low", "close", "volume", "vwap"],
  ],
  9: [["time", "open", "high", "low", "close", "volume", "amount", "quote", "-"]],
  10: [["time", "open", "high", "low", "close", "volume", "amount", "amount", "amount", "trades"]],
  11: [["time", "open", "high", "low", "close", "volume", "closeTime", "quote", "trades", "-", "-"]],
  12: [["time", "open", "high", "low", "close", "volume", "closeTime", "quote", "trades", "-", "-", "-"]],
};

function withoutHeader(
  where: string,
  lines: readonly string[],
  start: number,
  stated: Statement,
): { layout: Layout; rows: Row[] } {
  const delimiter = delimiterOf(lines[start]);
  const rows = rowsOf(lines, start, delimiter);
  const { length } = rows[0].cells;
  const count = rows[0].cells.at(-1) === "" ? length - 1 : length;
  // A header whose words are not known states an order that is not known.
  const headed = start > 0 && cellsOf(lines[start - 1], delimiter).length >= Math.min(count, FEWEST_CELLS);
  const roles = headed
    ? undefined
    : (BARE[count] ?? []).find((candidate) => fits(candidate, rows, stated.decimal ?? null));
  if (roles === undefined) {
    const first = lines.findIndex((line) => line.trim() !== "");
    throw unknownForm(where, lines[first], first + 1);
  }
  const layout = { ...layoutOf(roles), delimiter, headerLine: start, header: null };
  return { layout: { ...layout, fields: length, names: [], by: "the number of columns" }, rows };
}

/** Whether a layout's special columns hold what they should; the order of prices is checked of the layout that is taken. */
function fits(roles: readonly string[], rows: readonly Row[], decimal: "." | "," | null): boolean {
  const number = (cell: string) => numberOf(cell, decimal);
  const at = ({ cells }: Row, role: string) => number(cells[roles.indexOf(role)] ?? "");
  // Minutes without a trade say nothing; numbers whose form is not known yet may.
  const hasTrade = (row: Row) => at(row, "volume") !== 0;
  const holds = (
    role: string,
    test: (cell: string, row: Row) => boolean,
    telling: readonly Row[],
    fewest = 0,
  ) => {
    const place = roles.indexOf(role);
    const right = telling.filter((row) => test(row.cells[place] ?? "", row)).length;
    const enough = telling.length >= Math.min(fewest, rows.length);
    return place < 0 || (enough && (telling.length === 0 || right > telling.length / 2));
  };
  const traded = rows.filter(hasTrade);
  const isMean = (price: number, row: Row) =>
    price >= at(row, "low") * 0.99 && price <= at(row, "high") * 1.01;
  const isMeanPrice = (cell: string, row: Row) =>
    Number.isNaN(at(row, "volume")) || (isMean(number(cell), row) && isMean(at(row, "open"), row));
  const volumes = (row: Row) =>
    roles.flatMap((role, i) => (/^(volume|amount|quote)$/.test(role) ? [number(row.cells[i] ?? "")] : []));
  // One column of volumes divided by another gives a price of the row, where there was a trade.
  const hasPrice = (_: string, row: Row) => {
    const found = volumes(row);
    return (
      found.every((volume) => volume === 0 || Number.isNaN(volume)) ||
      found.some((q, i) => found.some((b, k) => i !== k && b > 0 && isMean(q / b, row)))
    );
  };
  const seven = roles.length === 7;
  if (!holds("timeOfDay", isTimeOfDay, rows)) return false;
  if (seven && !holds("closeTime", isLikeTime, rows)) return false;
  if (!holds("trades", isCount, traded, seven ? FEW_TELLING : 0)) return false;
  if (areMarked(roles, rows, decimal)) return true;
  // Of whole numbers after whole numbers either can be the trades; a count has no decimal point.
  const isEither = ({ cells }: Row) =>
    /^\d*$/.test(cells[roles.indexOf("volume")] ?? "") ||
    (cells[roles.indexOf("trades")] ?? "").includes(".");
  if (seven && roles.includes("trades") && traded.every(isEither)) return false;
  const priced = rows.filter((row) => hasTrade(row) || at(row, "vwap") > 0);
  return (
    holds("vwap", isMeanPrice, priced, FEW_TELLING) &&
    (!roles.includes("amount") || holds("volume", hasPrice, traded, FEW_TELLING))
  );
}

function isCount(cell: string): boolean {
  return /^(\d*|\d+[.,]0*|nan|null)$/i.test(cell);
}

/** Whether a cell is a time of the kind that the row's first one is. */
function isLikeTime(cell: string, { cells: [time] }: Row): boolean {
  return (
    isDateText(cell) || (cell.length === time.length && Math.abs(Number(cell) / Number(time) - 1) < 1e-3)
  );
}

/** Whether a comma is in most rows' numbers or the decimal mark: that is the next question. */
function areMarked(roles: readonly string[], rows: readonly Row[], decimal: "." | "," | null): boolean {
  const isMarked = (cell: string) =>
    Number.isNaN(numberOf(cell, decimal)) && !Number.isNaN(numberOf(cell, ".") || numberOf(cell, ","));
  const marked = rows.filter(({ cells }) =>
    roles.some((role, i) => /^(open|high|low|volume|amount|quote)$/.test(role) && isMarked(cells[i] ?? "")),
  );
  return marked.length > rows.length / 2;
}

const STATED_ROLES =
  "time date time_of_day close_time open high low close volume quote_volume trades symbol interval -".split(
    " ",
  );

function withColumns(
  where: string,
  lines: readonly string[],
  start: number,
  columns: readonly string[],
): { layout: Layout; rows: Row[] } {
  const names = columns.map((name) => name.trim().toLowerCase());
  const wrong = names.find((name) => !STATED_ROLES.includes(name));
  const needed = ["open", "high", "low", "close", "volume"].find(
    (name) => names.filter((one) => one === name).length !== 1,
  );
  const twiceTime = names.filter((name) => name === "time" || name === "date").length;
  if (wrong !== undefined || needed !== undefined || twiceTime === 0) {
    throw inputError(
      "bad_option",
      `--columns is "${columns.join(",")}": ${wrong !== undefined ? `"${wrong}" is not known` : `it needs ${needed ?? "time"} once`}.`,
      `Use ${STATED_ROLES.join(", ")}; - is a column that is not read.`,
    );
  }
  const dated = names.includes("date");
  const roles = names.map((name) => {
    if (dated && name === "time") return "timeOfDay";
    return (
      (
        { date: "time", time_of_day: "timeOfDay", close_time: "closeTime", quote_volume: "quote" } as Record<
          string,
          string
        >
      )[name] ?? name
    );
  });
  const facts = layoutOf(roles);
  const at = facts.places.open as number;
  const isRow = (line: string, delimiter: string) => {
    const cell = cellsOf(line, delimiter)[at] ?? "";
    return !Number.isNaN(numberOf(cell, ".")) || !Number.isNaN(numberOf(cell, ","));
  };
  const from =
    start >= 0 ? start : lines.slice(0, LINES_SEARCHED).findIndex((line) => isRow(line, delimiterOf(line)));
  if (from < 0) throw unknownForm(where, lines[0], 1);
  const delimiter = delimiterOf(lines[from]);
  const rows = rowsOf(lines, from, delimiter);
  const fields = rows[0].cells.length;
  const header = from === 0 ? null : lines[from - 1];
  const named = header === null ? [] : cellsOf(header, delimiter);
  if (columns.length > fields) {
    throw inputError(
      "bad_option",
      `${where}, line ${from + 1}: "${shortened(lines[from])}" has ${fields} cells, but --columns names ${columns.length}.`,
      "Name as many columns as the lines have; - is a column that is not read.",
    );
  }
  facts.zone = zoneOfTimes(named, facts.places);
  return {
    layout: { ...facts, delimiter, fields, headerLine: from, header, names: named, by: "--columns" },
    rows,
  };
}

function layoutOf(roles: readonly string[]): HeaderFacts {
  const places: Places = {};
  const volumes: VolumeColumn[] = [];
  for (const [place, role] of roles.entries()) {
    if (role === "volume" || role === "amount")
      volumes.push({ place, name: role, unit: role === "volume" ? "unnamed" : "vague" });
    else if (role === "quote") volumes.push({ place, name: "quote volume", unit: "quote" });
    else if (role !== "-" && role !== "vwap") places[role as keyof Places] = place;
  }
  return { places, volumes, coin: null, zone: null, missing: [], twice: [] };
}

/** A line as an error shows it. */
export function shortened(line: string): string {
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}

function twice(where: string, line: number, header: string, names: readonly string[]): CandlebookError {
  return inputError(
    "unknown_form",
    `${where}, line ${line}: the header "${shortened(header)}" names ${names.join(" and ")} twice.`,
    "Name the columns: --columns time,open,high,low,close,volume, with - for those that are not read.",
  );
}

function unknownForm(where: string, line: string, number: number): CandlebookError {
  const cells = cellsOf(line, delimiterOf(line));
  if (cells.length === FEWEST_CELLS - 1 && looksLikeRow(cells)) {
    return inputError(
      "unknown_form",
      `${where}, line ${number}: "${shortened(line)}" has five columns: a time and four prices, and no volume.`,
      "Take a file with volumes: a candle has one.",
    );
  }
  const jsonOrBinary = /^\s*[[{]/.test(line) || /\.(json|feather|parquet|xlsx?)$/i.test(where);
  return inputError(
    "unknown_form",
    `${where}, line ${number}: "${shortened(line)}" is not a form of candles that is known.`,
    jsonOrBinary
      ? `JSON and Feather (Freqtrade's), Parquet and Excel files are not read: export CSV. ${KNOWN_FORMS}`
      : KNOWN_FORMS,
  );
}
