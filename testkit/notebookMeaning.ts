import { readFile } from "node:fs/promises";
import { parseHTML } from "linkedom";
import { inEnglish } from "../src/core/text.ts";
import { textOf } from "../src/notebooks/executedNotebooks.ts";

/** Numbers by their place in words that are the same wherever they were computed. */
interface Sentence {
  words: string;
  numbers: number[];
}

/** A column by its sum, or, of texts, by how many different ones there are. */
type Column = { sum: number } | { texts: number };

interface TableMeaning {
  caption: string;
  rows: number;
  columns: Record<string, Column>;
}

interface SeriesMeaning {
  length: number;
  /** Of the finite numbers; of texts and days, the first and the last instead. */
  sum?: number;
  first?: string;
  last?: string;
}

interface TraceMeaning {
  type: string;
  name: string;
  series: Record<string, SeriesMeaning>;
}

/** What a cell shows, apart from how: no more than a few numbers of each table and figure. */
export interface CellMeaning {
  sentences: Sentence[];
  tables: TableMeaning[];
  figures: TraceMeaning[][];
}

/** By the cell's id. */
export type NotebookMeaning = Record<string, CellMeaning>;

interface Output {
  output_type: string;
  name?: string;
  data?: Record<string, unknown>;
  text?: unknown;
}

/** As much of the page's elements as is asked for here. */
interface Place {
  textContent: string | null;
  children: Iterable<Place>;
  getAttribute(name: string): string | null;
  querySelector(css: string): Place | null;
  querySelectorAll(css: string): Iterable<Place>;
  remove(): void;
}

/** What differs from run to run: how long something took. */
const TIMES = /^time, s$|second|millisecond|\bms\b|duration|\bMB\b/i;
const NUMBER = /[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?/g;

/** Reads an executed notebook: the code cells' outputs. */
export async function meaningOf(path: string): Promise<NotebookMeaning> {
  const { cells } = JSON.parse(await readFile(path, "utf8")) as {
    cells: { id: string; cell_type: string; outputs: Output[] }[];
  };
  const code = cells.filter(({ cell_type }) => cell_type === "code");
  return Object.fromEntries(code.map(({ id, outputs }) => [id, cellMeaning(outputs)]));
}

function cellMeaning(outputs: readonly Output[]): CellMeaning {
  const html = outputs.map(({ data, text }) => textOf(data?.["text/html"] ?? text)).join("\n");
  const document = parseHTML(`<html><body>${html}</body></html>`).document.body as unknown as Place;
  const figures = [...document.querySelectorAll("[data-figure]")].map((one) => {
    const { data } = JSON.parse(one.getAttribute("data-figure") ?? "", inEnglish);
    return (data as Record<string, unknown>[]).map(traceMeaning);
  });
  const tables = [...document.querySelectorAll("table.candlebook-table")].map(tableMeaning);
  const drawn = "[data-figure], script, style, table, svg, .candlebook-progress, .candlebook-static";
  for (const one of document.querySelectorAll(drawn)) one.remove();
  const lines = (document.textContent ?? "").split("\n").map((line) => line.trim());
  return { sentences: lines.filter((line) => line !== "").map(sentence), tables, figures };
}

function sentence(text: string): Sentence {
  // Names of versions and hashes differ, or say nothing to a reader.
  const plain = text.replace(/\b(?=[0-9a-f-]*\d)[0-9a-f]{8,}(?:-[0-9a-f]+)*\b/g, "<id>");
  return { words: plain.replace(NUMBER, "#"), numbers: (plain.match(NUMBER) ?? []).map(toNumber) };
}

function toNumber(text: string): number {
  return Number(text.replaceAll(",", "").replace("−", "-"));
}

function tableMeaning(table: Place): TableMeaning {
  const texts = (row: Place) => [...row.children].map((cell) => (cell.textContent ?? "").trim());
  const heads = texts(table.querySelector("thead tr") as Place);
  const rows = [...table.querySelectorAll("tbody tr")].map(texts);
  const caption = (table.querySelector("caption")?.textContent ?? "").replace(NUMBER, "#");
  const columns = heads.map((head, i) => [head, columnMeaning(rows.map((row) => row[i]))] as const);
  return {
    caption,
    rows: rows.length,
    columns: Object.fromEntries(columns.filter(([head]) => !TIMES.test(head))),
  };
}

function columnMeaning(texts: readonly string[]): Column {
  const known = texts.filter((text) => text !== "–");
  const numeric = known.length > 0 && known.every((text) => Number.isFinite(toNumber(text)));
  if (!numeric) return { texts: new Set(texts).size };
  return { sum: known.map(toNumber).reduce((sum, value) => sum + value, 0) };
}

function traceMeaning(trace: Record<string, unknown>): TraceMeaning {
  const arrays = Object.entries(trace).filter(([, value]) => Array.isArray(value) && value.length > 0);
  return {
    type: String(trace.type ?? ""),
    name: String(trace.name ?? "").replace(NUMBER, "#"),
    series: Object.fromEntries(
      arrays.map(([key, value]) => [key, seriesMeaning((value as unknown[]).flat(2))]),
    ),
  };
}

function seriesMeaning(values: readonly unknown[]): SeriesMeaning {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length > 0) {
    const sum = numbers.reduce((total, value) => total + value, 0);
    const size = numbers.reduce((total, value) => total + Math.abs(value), 0);
    // What cancels out, as the effects of the seven weekdays, leaves nothing but rounding.
    return { length: values.length, sum: Math.abs(sum) < 1e-9 * size ? 0 : sum };
  }
  const days = values.map(String).filter((text) => /^\d{4}-\d\d-\d\d/.test(text));
  return days.length === values.length
    ? { length: values.length, first: days[0], last: days[days.length - 1] }
    : { length: values.length };
}

/** Sums of the same numbers differ in their last digits from machine to machine; a shown number has eight digits. */
const TOLERANCE = 1e-6;

/**
 * Where two meanings differ: numbers by more than a millionth, everything else at all.
 * @returns a line for each difference, with the place in the notebook
 */
export function differencesOf(found: unknown, expected: unknown, place = ""): string[] {
  if (typeof found === "number" && typeof expected === "number") {
    const size = Math.max(Math.abs(found), Math.abs(expected), 1e-9);
    return Math.abs(found - expected) <= TOLERANCE * size ? [] : [`${place}: ${found}, expected ${expected}`];
  }
  if (typeof found === "object" && typeof expected === "object" && found !== null && expected !== null) {
    const [a, b] = [found as Record<string, unknown>, expected as Record<string, unknown>];
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) => differencesOf(a[key], b[key], place === "" ? key : `${place}.${key}`));
  }
  const words = (value: unknown) => JSON.stringify(value)?.slice(0, 120) ?? "nothing";
  return found === expected ? [] : [`${place}: ${words(found)}, expected ${words(expected)}`];
}
