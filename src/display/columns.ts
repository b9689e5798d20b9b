import { formatNumber, formatPrice } from "../charts/theme.ts";
import { unitsOf } from "../charts/units.ts";
import { exactText } from "../core/numbers.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import { nameText } from "./names.ts";

export type Row = Readonly<Record<string, unknown>>;

/** A column of a table, shown by its name and its values. */
export interface Column {
  name: string;
  /** With its unit. */
  head: Text;
  /** Whether its values are numbers. */
  numeric: boolean;
  /** The decimals of all its numbers; undefined where each has its own. */
  digits: number | undefined;
  kind: Kind;
}

/**
 * A loss (MAPE, CRPS) and a rate (coverage, width) measure forecasts; a share is shown as percent; a label is a number
 * that counts nothing, such as a year.
 */
type Kind =
  | "price"
  | "estimate"
  | "base"
  | "quote"
  | "measure"
  | "loss"
  | "rate"
  | "share"
  | "label"
  | "other";

const band = (level: number) => ({
  [`lo${level}`]: en`${level} % band from`.vi`dải ${level} % từ`,
  [`hi${level}`]: en`${level} % band to`.vi`dải ${level} % đến`,
  [`coverage${level}`]: en`in the ${level} % band, %`.vi`trong dải ${level} %, %`,
  [`interval score${level}`]: en`interval score of the ${level} % band, %`
    .vi`điểm khoảng của dải ${level} %, %`,
  [`width${level}`]: en`width of the ${level} % band, %`.vi`độ rộng dải ${level} %, %`,
});

/** Heads that are more than the column's name, by the name in words. */
const HEADS: Readonly<Record<string, Text>> = {
  ...{ ...band(50), ...band(80), ...band(90), ...band(95) },
  ds: { en: "day", vi: "ngày" },
  median: { en: "median", vi: "trung vị" },
  forecast: { en: "point forecast", vi: "dự báo điểm" },
  rise: { en: "chance of a rise, %", vi: "khả năng tăng, %" },
  mape: sameText("MAPE, %"),
  "naive mape": { en: "naive's MAPE, %", vi: "MAPE của naive, %" },
  crps: sameText("CRPS, %"),
  qlike: sameText("QLIKE"),
  skill: { en: "CRPS skill, %", vi: "skill CRPS, %" },
  "skill low": { en: "95 % interval of the CRPS skill from, %", vi: "khoảng 95 % của skill CRPS từ, %" },
  "skill high": { en: "95 % interval of the CRPS skill to, %", vi: "khoảng 95 % của skill CRPS đến, %" },
  skill365: { en: "CRPS skill over naive of 365 days, %", vi: "skill CRPS so với naive 365 ngày, %" },
  "dm p": { en: "p of Diebold and Mariano", vi: "p của Diebold và Mariano" },
  dmPHolm: { en: "p of Diebold and Mariano, by Holm", vi: "p của Diebold và Mariano, theo Holm" },
  "qlike skill": { en: "QLIKE skill, %", vi: "skill QLIKE, %" },
  "mse skill": { en: "MSE skill, %", vi: "skill MSE, %" },
  "dm t": { en: "t of Diebold and Mariano", vi: "t của Diebold và Mariano" },
  "kupiec p": { en: "Kupiec's p", vi: "p của Kupiec" },
  "christoffersen p": { en: "Christoffersen's p", vi: "p của Christoffersen" },
  level: { en: "level, %", vi: "mức, %" },
  seconds: { en: "time, s", vi: "thời gian, s" },
  bytes: { en: "size, bytes", vi: "kích thước, byte" },
  "hour utc": { en: "hour, UTC", vi: "giờ, UTC" },
  "range bp": { en: "range, bp", vi: "biên độ, bp" },
  "change percent": { en: "change, %", vi: "thay đổi, %" },
  "complete percent": { en: "complete, %", vi: "mức đầy đủ, %" },
  "buyers percent": { en: "buyers, %", vi: "bên mua, %" },
  "return percent": { en: "return, %", vi: "lợi suất, %" },
  "mean return percent": { en: "mean daily return, %", vi: "lợi suất ngày trung bình, %" },
  "year return percent": { en: "return of the year, %", vi: "lợi suất cả năm, %" },
  "mean volume": { en: "mean volume", vi: "khối lượng trung bình" },
  "missing minutes": { en: "missing, minutes", vi: "thiếu, phút" },
};

const KINDS: readonly (readonly [RegExp, Kind])[] = [
  [/^(open|high|low|close|vwap|lowest|highest|last close|ma\d+)$/, "price"],
  [/^(forecast|median|lo\d+|hi\d+)$/, "estimate"],
  [/^(mean )?volume$|^taker base$/, "base"],
  [/^(quote volume|taker quote)$/, "quote"],
  [/^((qlike |mse )?skill( low| high|365)?|rise)$/, "share"],
  [/^((naive )?mape|mase|crps( naive)?\d*|pinball\d+|interval score\d+)$/, "loss"],
  [/^(coverage|width)\d+$/, "rate"],
  [
    /^(mae|rmse|coverage|width|dm t|correlation|qlike|relative.*|.* p|dmPHolm)$|(?<!complete )percent$/,
    "measure",
  ],
  [/^year$|(^|\s)id$/, "label"],
];

/**
 * The columns of a table.
 * @param symbol whose prices they are where the rows don't say it
 */
export function columnsOf(
  rows: readonly Row[],
  {
    columns,
    heads = {},
    symbol,
  }: { columns?: readonly string[]; heads?: Readonly<Record<string, Text>>; symbol?: string },
): Column[] {
  const names = columns ?? [...new Set(rows.flatMap(Object.keys))];
  return names.map((name) => {
    const numbers = rows.flatMap((row) => (isNumber(row[name]) ? Number(row[name]) : []));
    const words = nameText(name);
    const kind = KINDS.find(([form]) => form.test(words.en))?.[1] ?? "other";
    const known = HEADS[words.en] ?? percentHead(words);
    const head = heads[name] ?? withUnit(known, kind, symbolsOf(rows, symbol));
    return {
      name,
      head,
      kind,
      numeric: numbers.length > 0,
      digits: digitsOf(numbers.map(scaleOf(kind)), kind),
    };
  });
}

/** A number as its column shows it. */
export function numberCell(value: number, { kind, digits }: Pick<Column, "kind" | "digits">): Text {
  if (kind === "label") return sameText(String(value));
  if (!Number.isFinite(value)) return sameText(String(value));
  return formatNumber(shownValue(value, kind), digits);
}

/** A number for machines, in the unit that its column shows. */
export function exactNumber(value: number, kind: Kind): string {
  return exactText(shownValue(value, kind));
}

function shownValue(value: number, kind: Kind): number {
  return scaleOf(kind)(value);
}

function scaleOf(kind: Kind): (value: number) => number {
  return kind === "share" ? (value) => 100 * value : (value) => value;
}

function percentHead({ en: words, vi }: Text): Text {
  return {
    en: words.replace(/ ?percent$/, ", %").replace(/^, /, ""),
    vi: vi.replace(/ ?percent$/, ", %").replace(/^, /, ""),
  };
}

function symbolsOf(rows: readonly Row[], symbol: string | undefined): string[] {
  const own = rows.flatMap((row) => (typeof row.symbol === "string" ? row.symbol : []));
  return [...new Set(symbol === undefined ? own : [symbol])];
}

/** The currency where all rows have the same, else what it is. */
function withUnit(head: Text, kind: Kind, symbols: readonly string[]): Text {
  if (!["price", "estimate", "base", "quote"].includes(kind)) return head;
  const side = kind === "base" ? "base" : "quote";
  const units = new Map(symbols.map((symbol) => unitsOf(symbol)[side]).map((unit) => [unit.en, unit]));
  const [unit] = units.size === 1 ? units.values() : [unitsOf("")[side]];
  return joined([head, unit], ", ");
}

/** Decimals of kinds that have the same ones everywhere; those of losses and rates are the command line's. */
const DECIMALS: Partial<Record<Kind, number>> = { loss: 2, rate: 1, share: 1 };

/** Digits that other numbers are shown with, 8 where nothing is here: measures are known to a few, whatever a double may hold. */
const SIGNIFICANT: Partial<Record<Kind, number>> = { measure: 4, label: 16 };

/** The same decimals for all numbers of a column: what each needs, but no more than its largest number is known to. */
function digitsOf(values: readonly number[], kind: Kind): number | undefined {
  const sizes = values.filter((value) => Number.isFinite(value) && value !== 0).map(Math.abs);
  if (sizes.length === 0) return 0;
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  const decimals = DECIMALS[kind];
  if (decimals !== undefined) return decimals;
  if (kind === "estimate") return decimalsOf(formatPrice(most).en);
  const significant = SIGNIFICANT[kind] ?? 8;
  const needed = Math.max(...sizes.map((size) => decimalsOf(String(Number(size.toPrecision(significant))))));
  const known = Math.max(0, significant - 1 - Math.floor(Math.log10(most)));
  const visible = kind === "measure" ? 0 : Math.max(0, 2 - Math.floor(Math.log10(least)));
  return Math.min(needed, Math.max(known, visible), 12);
}

function decimalsOf(number: string): number {
  const [, digits = "", exponent = "0"] = /^[\d,]*\.?(\d*)(?:e([+-]\d+))?$/.exec(number) ?? [];
  return Math.max(0, digits.length - Number(exponent));
}

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
