import { switchable } from "../charts/escape.ts";
import { asText, en, isText, joined, sameText, type Text, textOf } from "../core/text.ts";
import { type Column, columnsOf, exactNumber, isNumber, numberCell, type Row } from "./columns.ts";
import { nameText } from "./names.ts";

export type { Row } from "./columns.ts";

export interface TableOptions {
  /** A string is shown in every language. */
  caption?: string | Text;
  /** How many rows are shown; 12 where nothing is said. */
  rows?: number;
  /** In this order; default: all, in the order of the rows. */
  columns?: readonly string[];
  /** Heads of columns; default: what the name of the column is in each language, with its unit. */
  heads?: Readonly<Record<string, Text>>;
  /** The trading pair of the prices, for their unit; default: that of the column `symbol`. */
  symbol?: string;
}

/**
 * A table as HTML: heads with units, numbers with the same decimals down a column, no more rows than a person reads,
 * and a note of how many more there are. A number's cell has its exact value in `data-value`.
 */
export function tableHtml(rows: readonly Row[], options: TableOptions = {}): string {
  const { rows: most = 12 } = options;
  const caption = asText(options.caption ?? "");
  if (rows.length === 0) return `<p>${switchable(noRows(caption))}</p>`;
  const shown = rows.slice(0, most);
  const columns = columnsOf(shown, options);
  const align = ({ numeric }: Column) => ` style="text-align:${numeric ? "right" : "left"}"`;
  const head = columns.map((column) => `<th scope="col"${align(column)}>${switchable(column.head)}</th>`);
  const cell = (column: Column, value: unknown) =>
    `<td${align(column)}${dataValue(column, value)}>${switchable(cellIn(column, value))}</td>`;
  const body = shown.map(
    (row) => `<tr>${columns.map((column) => cell(column, row[column.name])).join("")}</tr>`,
  );
  return [
    `<table class="candlebook-table">`,
    caption.en ? `<caption style="${captionStyle(caption.en)}">${switchable(caption)}</caption>` : "",
    `<thead><tr>${head.join("")}</tr></thead><tbody>${body.join("")}</tbody></table>`,
    rows.length > most ? `<p><em>${switchable(moreRows(rows.length - most))}</em></p>` : "",
  ].join("");
}

function dataValue({ kind }: Column, value: unknown): string {
  if (!isNumber(value)) return "";
  return ` data-value="${typeof value === "bigint" ? value : exactNumber(value, kind)}"`;
}

function noRows(caption: Text): Text {
  if (!caption.en) return { en: "No rows.", vi: "Không có dòng nào." };
  return en`${caption}: no rows.`.vi`${caption}: không có dòng nào.`;
}

function moreRows(many: number): Text {
  return en`${many} more ${many === 1 ? "row" : "rows"}`.vi`còn ${many} dòng nữa`;
}

/** In one line, though the table below be narrow, unless the paper is too narrow for it. */
function captionStyle(caption: string): string {
  return `text-align:left${caption.length > 80 ? "" : ";white-space:nowrap"}`;
}

/** A table as plain text in English, for a kernel or a terminal that shows no HTML. */
export function tableText(rows: readonly Row[], options: TableOptions = {}): string {
  const { rows: most = 12 } = options;
  const caption = asText(options.caption ?? "").en;
  const shown = rows.slice(0, most);
  const columns = columnsOf(shown, options);
  const lines = shown.map((row) => columns.map((column) => cellIn(column, row[column.name]).en).join("\t"));
  const more = rows.length > most ? [`… ${moreRows(rows.length - most).en}`] : [];
  const head = columns.map((column) => column.head.en).join("\t");
  return [...(caption ? [caption] : []), head, ...lines, ...more].join("\n");
}

function cellIn(column: Column, value: unknown): Text {
  return isNumber(value) ? numberCell(Number(value), column) : cellText(value);
}

/** A value by itself; a fraction has eight significant digits at most. */
export function cellText(value: unknown): Text {
  if (value === null || value === undefined) return sameText("–");
  if (typeof value === "boolean") return value ? { en: "yes", vi: "có" } : { en: "no", vi: "không" };
  if (isNumber(value))
    return numberCell(Number(Number(value).toPrecision(8)), { kind: "other", digits: undefined });
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

function objectText(value: object): Text {
  if (isText(value)) return value;
  if (value instanceof Date) return sameText(withoutZeros(value.toISOString()));
  if (Array.isArray(value)) return joined(value.map(cellText), ", ");
  const entries = Object.entries(value).map(([key, item]) => joined([nameText(key), cellText(item)], " "));
  return joined(entries, ", ");
}
