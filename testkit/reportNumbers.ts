import type { Page } from "playwright-core";
import { numberIn } from "../src/core/numbers.ts";
import type { Language } from "../src/core/text.ts";

/** A cell of a number: what it shows, and the number that it was made of. */
export interface NumberCell {
  table: number;
  head: string;
  text: string;
  value: string;
}

/** All heads of tables that the library made, as they are shown. */
export async function shownHeads(page: Page): Promise<string[]> {
  return page.locator("main table:has([data-value]) th").allInnerTexts();
}

export async function numberCells(page: Page): Promise<NumberCell[]> {
  return page.evaluate<NumberCell[]>(`[...document.querySelectorAll("main table")].flatMap((table, i) =>
    [...table.querySelectorAll("td[data-value]")].map((cell) => ({
      table: i,
      head: table.tHead.rows[0].cells[cell.cellIndex].innerText,
      text: cell.textContent,
      value: cell.dataset.value,
    })))`);
}

function decimalsOf(text: string, language: Language): number {
  return text.split(language === "vi" ? "," : ".")[1]?.length ?? 0;
}

/** The cells that are not their number as the language writes it; a number that counts nothing, a year, is not grouped. */
export function misprinted(cells: readonly NumberCell[], language: Language): NumberCell[] {
  return cells.filter(
    ({ text, value }) =>
      text !== numberIn(language, Number(value), decimalsOf(text, language)) && text !== value,
  );
}

/** The columns whose cells differ in their decimals. */
export function ragged(cells: readonly NumberCell[], language: Language): string[] {
  const columns = Map.groupBy(cells, ({ table, head }) => `${table} ${head}`);
  return [...columns]
    .filter(([, own]) => new Set(own.map(({ text }) => decimalsOf(text, language))).size > 1)
    .map(([column, own]) => `${column}: ${own.map(({ text }) => text).join(" ")}`);
}

const NOT_NUMBERS =
  /\d{4}-\d\d(-\d\d(T[\d:.]+Z)?)?|(?<=candlebook )[\d.]+|\d\d:\d\d(:[\d.]+)?|[\w.]*[\p{L}_]+[\w.-]*|-?\d+\/\d+/gu;

/** The numbers of a text, as a language writes them; of days, times and words with digits none. */
export function numbersIn(text: string, language: Language): number[] {
  const found = text.replaceAll(NOT_NUMBERS, " ").match(/\d[\d.,]*/g) ?? [];
  const [group, mark] = language === "vi" ? [".", ","] : [",", "."];
  const numbers = found.map((one) =>
    Number(
      one
        .replace(/[.,]+$/, "")
        .replaceAll(group, "")
        .replace(mark, "."),
    ),
  );
  return numbers.sort((a, b) => a - b);
}

/** Numbers with more digits than a person reads, or with an exponent. */
export function noise(text: string): string[] {
  return text.match(/\d[.,]\d{9,}|\d(?:\.\d+)?e[+-]\d+/g) ?? [];
}
