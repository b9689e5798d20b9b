import { escapeMarkup } from "../charts/escape.ts";
import { formatNumber } from "../charts/theme.ts";

export type Row = Readonly<Record<string, unknown>>;

export interface TableOptions {
  caption?: string;
  /** How many rows are shown; 12 where nothing is said. */
  rows?: number;
  /** In this order; default: all, as they come in the rows. */
  columns?: readonly string[];
}

/** A table as HTML: heads, aligned numbers, no more rows than a person reads, and a note of how many more there are. */
export function tableHtml(rows: readonly Row[], options: TableOptions = {}): string {
  const { caption, rows: most = 12 } = options;
  if (rows.length === 0) return `<p>${escapeMarkup(caption ? `${caption}: no rows.` : "No rows.")}</p>`;
  const columns = options.columns ?? [...new Set(rows.flatMap(Object.keys))];
  const numeric = new Set(columns.filter((column) => rows.some((row) => isNumber(row[column]))));
  const cell = (tag: string, column: string, text: string, scope = "") =>
    `<${tag}${scope} style="text-align:${numeric.has(column) ? "right" : "left"}">${escapeMarkup(text)}</${tag}>`;
  const head = columns.map((column) => cell("th", column, headText(column), ' scope="col"'));
  const body = rows
    .slice(0, most)
    .map(
      (row) =>
        `<tr>${columns.map((column) => cell("td", column, cellIn(column, row[column]))).join("")}</tr>`,
    );
  return [
    `<table class="candlebook-table">`,
    caption ? `<caption style="${captionStyle(caption)}">${escapeMarkup(caption)}</caption>` : "",
    `<thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`,
    rows.length > most ? `<p><em>${formatNumber(rows.length - most)} more rows</em></p>` : "",
  ].join("");
}

/** In one line, though the table below be narrow, unless the paper is too narrow for it. */
function captionStyle(caption: string): string {
  return `text-align:left${caption.length > 80 ? "" : ";white-space:nowrap"}`;
}

/** `open_time` and `openTime` as people write it. */
function headText(column: string): string {
  return column
    .replaceAll("_", " ")
    .replace(/(?<=[a-z])[A-Z](?![A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A table as plain text, for a kernel or a terminal that shows no HTML. */
export function tableText(rows: readonly Row[], { caption, rows: most = 12 }: TableOptions = {}): string {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const lines = rows
    .slice(0, most)
    .map((row) => columns.map((column) => cellIn(column, row[column])).join("\t"));
  const more = rows.length > most ? [`… ${rows.length - most} more rows`] : [];
  return [...(caption ? [caption] : []), columns.join("\t"), ...lines, ...more].join("\n");
}

/** Columns of measures, which are known to a few digits only, whatever a double may hold. */
const MEASURES = /percent$|^(mae|rmse|mape|mase|crps|skill|coverage\d*|width\d*|dmT|rise|correlation)$/i;

/** A value of a column; of a measure four digits. */
function cellIn(column: string, value: unknown): string {
  const measured = typeof value === "number" && MEASURES.test(column) && Math.abs(value) < 1000;
  return cellText(measured ? Number(value.toPrecision(4)) : value);
}

/** Five digits and more are grouped; a fraction has eight significant digits at most. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "bigint") return cellText(Number(value));
  if (typeof value === "number") return numberText(value);
  const text = typeof value === "object" ? objectText(value) : withoutZeros(String(value));
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

function objectText(value: object): string {
  // A text in several languages: in notebooks the English one.
  if ("en" in value && "vi" in value) return String(value.en);
  if (value instanceof Date) return withoutZeros(value.toISOString());
  if (Array.isArray(value)) return value.map(cellText).join(", ");
  return Object.entries(value)
    .map(([key, item]) => `${key} ${cellText(item)}`)
    .join(", ");
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}
