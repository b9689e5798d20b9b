import type { Candle } from "../src/candle/candle.ts";
import { invalidReason, type RejectReason } from "../src/candle/validity.ts";
import { seededRandom } from "../src/core/random.ts";
import { EARLIEST_MS, type EpochMs, MINUTE_MS } from "../src/time/epoch.ts";

/** A file of candles as people have them, and what each of its lines is. */
export interface DirtyFile {
  name: string;
  text: string;
  /** The valid rows in the file's order. */
  candles: Candle[];
  rejects: { line: number; reason: RejectReason; raw: string }[];
  /** Lines that are not blank, after the header. */
  rows: number;
}

/** Instants around which the rows stand: midnights of years, leap days, the exchange's change of units, outages. */
const ANCHORS = [
  "2012-01-01T00:00Z",
  "2012-02-28T23:57Z",
  "2012-12-31T23:55Z",
  "2016-02-29T23:58Z",
  "2017-08-17T04:00Z",
  "2021-09-29T06:58Z",
  "2024-02-29T12:00Z",
  "2024-12-31T23:56Z",
  "2026-03-01T00:00Z",
].map((text) => Date.parse(text));

const NUMBERS = [
  "1e2",
  " 99.5 ",
  "+101",
  ".5",
  "7.",
  "NaN",
  "inf",
  "",
  "abc",
  "1_000",
  "0x10",
  "-3",
  "0",
  "1e400",
];
const AMOUNT_CELLS = ["", "NaN", "null", "-", "0", "-3", "abc", "1_000", " 0 "];
const UNKNOWN = ["", "-", "nan", "null"];
const TRADES = ["", "0", "812", "12.0", "8.5", "-1", "many"];

type Pick = <Value>(values: readonly Value[]) => Value;

interface Chance {
  random: () => number;
  pick: Pick;
}

interface Dialect {
  delimiter: string;
  ending: string;
  header: boolean;
  trades: boolean;
  /** With a header; without one the exchange's columns have them. */
  amounts: boolean;
  quoted: boolean;
}

/** The files' candles: their symbol, around which instants they stand, and the last open time that can be true. */
interface Content {
  symbol: string;
  anchors: readonly number[];
  latest: EpochMs;
}

/**
 * Some files of one symbol, full of what goes wrong: mixed units, disorder, repeats, conflicts, holes, every kind of
 * invalid row, blank lines. The same seed gives the same files.
 * @param latest the last open time that can be true
 */
export function dirtyFiles(seed: number, symbol: string, latest: EpochMs): DirtyFile[] {
  const random = seededRandom(seed);
  const pick: Pick = (values) => values[Math.floor(random() * values.length)];
  const anchors = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(ANCHORS));
  return Array.from({ length: 1 + Math.floor(random() * 3) }, (_, index) => {
    const dialect: Dialect = {
      delimiter: pick([",", ";", "\t"]),
      ending: pick(["\n", "\r\n", "\r"]),
      header: random() < 0.7,
      trades: random() < 0.7,
      amounts: random() < 0.5,
      quoted: random() < 0.3,
    };
    return dirtyFile(`${symbol}_${index}.csv`, { symbol, anchors, latest }, dialect, { random, pick });
  });
}

function namesOf({ trades, amounts }: Dialect): string[] {
  const names = ["open_time", "open", "high", "low", "close", "volume", ...(trades ? ["trades"] : [])];
  return amounts ? [...names, "quote_volume", "taker_base", "taker_quote"] : names;
}

function dirtyFile(name: string, content: Content, dialect: Dialect, chance: Chance): DirtyFile {
  const { random, pick } = chance;
  const file: DirtyFile = { name, text: "", candles: [], rejects: [], rows: 0 };
  const { delimiter, ending } = dialect;
  const names = namesOf(dialect);
  const lines = dialect.header ? [names.join(delimiter)] : [];
  const columns = dialect.header ? names.length : 12;
  const wanted = 1 + Math.floor(random() * 40);
  // The first row is a plain one: the form of a file without a header is told by it.
  for (let i = 0; i < wanted; i += 1) {
    if (random() < 0.05) lines.push(pick(["", " ", "  "]));
    const cells = cellsOf(rowFields(content.anchors, random, pick, i === 0), dialect);
    if (i > 0) spoilWidth(cells, random());
    const raw = cells.map((cell) => (dialect.quoted ? `"${cell}"` : cell)).join(delimiter);
    lines.push(raw);
    file.rows += 1;
    const read = cells.length === columns ? readRow(content, cells, dialect) : "wrong_columns";
    if (typeof read === "string") file.rejects.push({ line: lines.length, reason: read, raw });
    else file.candles.push(read);
  }
  const end = random() < 0.5 ? ending : "";
  file.text = (random() < 0.2 ? "\uFEFF" : "") + lines.join(ending) + end;
  return file;
}

/** With a header the named columns, without one the exchange's own twelve. */
function cellsOf(fields: readonly string[], { header, trades, amounts }: Dialect): string[] {
  const [quote, base, bought] = fields.slice(7);
  if (!header) return [...fields.slice(0, 6), "0", quote, trades ? fields[6] : "", base, bought, "0"];
  return [...fields.slice(0, trades ? 7 : 6), ...(amounts ? [quote, base, bought] : [])];
}

function spoilWidth(cells: string[], chance: number): void {
  if (chance < 0.03) cells.push("extra");
  else if (chance < 0.06) cells.pop();
}

/** time, open, high, low, close, volume, trades, quote volume, taker base, taker quote */
function rowFields(anchors: readonly number[], random: () => number, pick: Pick, plain: boolean): string[] {
  const ms = pick(anchors) + Math.floor(random() ** 2 * 12) * MINUTE_MS;
  const [a, b, c, d] = Array.from({ length: 4 }, () => 1 + Math.floor(random() * 3) / 8 + random() * 1e-8);
  const [low, high] = [Math.min(a, b, c, d), Math.max(a, b, c, d)];
  const volume = pick([0, 1, 0.1, 0.2, 0.3, 1e-8, 12.345_678_91, random() * 1e6, random() * 1e12]);
  const fields = [
    timeText(ms, random, pick),
    ...[a, high, low, b, volume].map(String),
    pick(TRADES.slice(0, 4)),
  ];
  if (plain) return [String(ms), "1.5", "2", "1", "1.5", "3", "7", "4.5", "1", "1.5"];
  if (random() < 0.15) fields[1 + Math.floor(random() * 5)] = pick(NUMBERS);
  if (random() < 0.05) fields[6] = pick(TRADES);
  if (random() < 0.05)
    fields[0] = pick(["", "yesterday", "0", "-5", "1e20", "2024-02-29T12:00", String(ms + 7_000)]);
  if (random() < 0.04) [fields[2], fields[3]] = [fields[3], fields[2]];
  // They fit the volume and the price that the row has now: else the column would not be taken for what it is called.
  const [base, price] = [readNumber(fields[5]) || 0, readNumber(fields[3]) || 1];
  fields.push(...[base * price, base / 4, (base / 4) * price].map(String));
  if (random() < 0.08) fields[7 + Math.floor(random() * 3)] = pick(AMOUNT_CELLS);
  return fields;
}

function timeText(ms: number, random: () => number, pick: Pick): string {
  const iso = new Date(ms).toISOString();
  const eastern = new Date(ms + 7 * 3_600_000).toISOString().slice(0, 19);
  return pick([
    String(ms),
    String(ms * 1000),
    String(ms / 1000),
    `${ms / 1000}.0`,
    iso,
    `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`,
    `${iso.slice(0, 16)}Z`,
    `${eastern}${pick(["+07:00", "+0700", "+07"])}`,
    random() < 0.5 ? String(ms) : String(ms * 1000),
  ]);
}

/** The rules for a row in plain TypeScript: a candle, or why it is none. */
function readRow(
  { symbol, latest }: Content,
  cells: readonly string[],
  { header, trades, amounts }: Dialect,
): Candle | RejectReason {
  const [time, open, high, low, close, volume] = cells;
  const openTime = readTime(time);
  const [o, h, l, c, v] = [open, high, low, close, volume].map(readNumber);
  const own = header ? cells.slice(amounts ? -3 : cells.length) : [cells[7], cells[9], cells[10]];
  const [quoteVolume = null, takerBase = null, takerQuote = null] = own.map(readAmount);
  const prices = { symbol, openTime, open: o, high: h, low: l, close: c, volume: v };
  const candle = { ...prices, quoteVolume, takerBase, takerQuote };
  const tradesText = trades ? cells[header ? 6 : 8].trim() : "";
  const reason = invalidReason(candle, "1m", EARLIEST_MS, latest);
  const count = tradesText === "" ? null : readNumber(tradesText);
  const badTrades = count !== null && !(Number.isInteger(count) && count >= 0);
  if (badTrades && reason !== "bad_time" && reason !== "off_grid") return "unreadable_number";
  return reason ?? { ...candle, trades: count };
}

function readNumber(text: string): number {
  const bare = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(bare) ? Number(bare) : Number.NaN;
}

function readAmount(text: string): number | null {
  return UNKNOWN.includes(text.trim().toLowerCase()) ? null : readNumber(text);
}

function readTime(text: string): EpochMs {
  const value = readNumber(text);
  if (!Number.isNaN(value)) {
    const unit = value < 1e11 ? 1000 : value < 1e14 ? 1 : 1e-3;
    return (value < 0 || value >= 1e17 ? Number.NaN : Math.round(value * unit)) as EpochMs;
  }
  const match =
    /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|UTC|[+-]\d{2}(?::?\d{2})?)$/.exec(
      text.trim(),
    );
  if (match === null) return Number.NaN as EpochMs;
  const zone =
    match[3] === "UTC" ? "Z" : match[3].replace(/^([+-]\d{2}):?(\d{2})?$/, (_, h, m = "00") => `${h}:${m}`);
  return Date.parse(`${match[1]}T${match[2]}${zone}`) as EpochMs;
}
