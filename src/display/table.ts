import { switchable } from "../charts/escape.ts";
import { formatNumber } from "../charts/theme.ts";
import { asText, en, isText, joined, sameText, type Text, textOf } from "../core/text.ts";
import { fieldText, nameText } from "./names.ts";

export type Row = Readonly<Record<string, unknown>>;

export interface TableOptions {
  /** A string is shown in every language. */
  caption?: string | Text;
  /** How many rows are shown; 12 where nothing is said. */
  rows?: number;
  /** In this order; default: all, in the order of the rows. */
  columns?: readonly string[];
  /** Heads of columns; default: what the name of the column is in each language. */
  heads?: Readonly<Record<string, Text>>;
}

/** A table as HTML: heads, aligned numbers, no more rows than a person reads, and a note of how many more there are. */
export function tableHtml(rows: readonly Row[], options: TableOptions = {}): string {
  const { rows: most = 12, heads = {} } = options;
  const caption = asText(options.caption ?? "");
  if (rows.length === 0) return `<p>${switchable(noRows(caption))}</p>`;
  const columns = options.columns ?? [...new Set(rows.flatMap(Object.keys))];
  const numeric = new Set(columns.filter((column) => rows.some((row) => isNumber(row[column]))));
  const cell = (tag: string, column: string, text: Text, scope = "") =>
    `<${tag}${scope} style="text-align:${numeric.has(column) ? "right" : "left"}">${switchable(text)}</${tag}>`;
  const head = columns.map((column) => cell("th", column, heads[column] ?? nameText(column), ' scope="col"'));
  const body = rows
    .slice(0, most)
    .map(
      (row) =>
        `<tr>${columns.map((column) => cell("td", column, cellIn(column, row[column]))).join("")}</tr>`,
    );
  return [
    `<table class="candlebook-table">`,
    caption.en ? `<caption style="${captionStyle(caption.en)}">${switchable(caption)}</caption>` : "",
    `<thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`,
    rows.length > most ? `<p><em>${switchable(moreRows(rows.length - most))}</em></p>` : "",
  ].join("");
}

function noRows(caption: Text): Text {
  if (!caption.en) return { en: "No rows.", vi: "Không có dòng nào." };
  return en`${caption}: no rows.`.vi`${caption}: không có dòng nào.`;
}

function moreRows(many: number): Text {
  return en`${formatNumber(many)} more rows`.vi`còn ${formatNumber(many)} dòng nữa`;
}

/** In one line, though the table below be narrow, unless the paper is too narrow for it. */
function captionStyle(caption: string): string {
  return `text-align:left${caption.length > 80 ? "" : ";white-space:nowrap"}`;
}

/** A table as plain text in English, for a kernel or a terminal that shows no HTML. */
export function tableText(rows: readonly Row[], options: TableOptions = {}): string {
  const { rows: most = 12, heads = {} } = options;
  const caption = asText(options.caption ?? "").en;
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const lines = rows
    .slice(0, most)
    .map((row) => columns.map((column) => cellIn(column, row[column]).en).join("\t"));
  const more = rows.length > most ? [`… ${rows.length - most} more rows`] : [];
  const head = columns.map((column) => heads[column]?.en ?? column).join("\t");
  return [...(caption ? [caption] : []), head, ...lines, ...more].join("\n");
}

/** Columns of measures, which are known to a few digits only, whatever a double may hold. */
const MEASURES = /percent$|^(mae|rmse|mape|mase|crps|skill|coverage\d*|width\d*|dmT|rise|correlation)$/i;

/** A value of a column; of a measure four digits. */
function cellIn(column: string, value: unknown): Text {
  const measured = typeof value === "number" && MEASURES.test(column) && Math.abs(value) < 1000;
  return cellText(measured ? Number(value.toPrecision(4)) : value);
}

/** Five digits and more are grouped; a fraction has eight significant digits at most. */
export function cellText(value: unknown): Text {
  if (value === null || value === undefined) return sameText("–");
  if (typeof value === "boolean") return value ? { en: "yes", vi: "có" } : { en: "no", vi: "không" };
  if (typeof value === "bigint") return cellText(Number(value));
  if (typeof value === "number") return sameText(numberText(value));
  const text = typeof value === "object" ? objectText(value) : sameText(withoutZeros(String(value)));
  return textOf((language) => shortened(text[language]));
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

/** An instant in UTC as short as it can be said; any other text as it is. */
function withoutZeros(text: string): string {
  const [, day, minute, second] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)(?:Z|\+00)$/.exec(text) ?? [];
  if (day === undefined) return text;
  return `${day} ${minute}${/^:00(\.0+)?$/.test(second) ? "" : second} UTC`;
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const short = Number(value.toPrecision(8));
  const digits = /\.(\d+)$/.exec(String(short))?.[1].length ?? 0;
  if (Math.abs(short) < 1e-6 && short !== 0) return String(short);
  return Math.abs(short) < 10_000 ? short.toFixed(digits).replace("-", "−") : formatNumber(short, digits);
}

function objectText(value: object): Text {
  if (isText(value)) return value;
  if (value instanceof Date) return sameText(withoutZeros(value.toISOString()));
  if (Array.isArray(value)) return joined(value.map(cellText), ", ");
  const entries = Object.entries(value).map(([key, item]) => joined([fieldText(key), cellText(item)], " "));
  return joined(entries, ", ");
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
