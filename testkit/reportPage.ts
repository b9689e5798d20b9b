import type { Page } from "playwright-core";
import { seriousFindings } from "./browser.ts";

/** Every text and label of the page that has no Vietnamese beside it; of cells, those of more than one word. */
export async function spoken(page: Page): Promise<string[]> {
  const all = await page.locator("main").evaluate((main) => {
    const untouched = "code, pre, script, style, [translate=no], main [lang], [data-vi], .candlebook-chart";
    const found: string[] = [];
    const walker = main.ownerDocument.createTreeWalker(main, 4);
    while (walker.nextNode()) {
      const node = walker.currentNode as unknown as {
        data: string;
        parentElement: { closest(css: string): unknown };
      };
      // A single word in a cell is a value: a code of a table, a name of a file.
      const isValue = node.parentElement.closest("td") && !/\s/.test(node.data.trim());
      if (!isValue && !node.parentElement.closest(untouched)) found.push(node.data);
    }
    for (const one of main.querySelectorAll(
      "[aria-label]:not([data-label-vi], .candlebook-chart, .candlebook-chart *)",
    ))
      found.push(one.getAttribute("aria-label") ?? "");
    return found;
  });
  return [...new Set(all.map((text) => text.trim()).filter((text) => /[A-Za-z]{3}/.test(text)))];
}

/** Every English text and label with the Vietnamese beside it. */
export async function beside(page: Page): Promise<[english: string, shown: string][]> {
  return page.locator("main").evaluate((main) => {
    const found: [string, string][] = [];
    for (const one of main.querySelectorAll("[data-vi]"))
      found.push([one.textContent ?? "", one.getAttribute("data-vi") ?? ""]);
    for (const one of main.querySelectorAll("[data-label-vi]"))
      found.push([one.getAttribute("aria-label") ?? "", one.getAttribute("data-label-vi") ?? ""]);
    return found;
  });
}

/** Words that may stand in both: names of models, measures, commands and tables, and what Vietnamese spells alike. */
const ALIKE = new Set(
  (
    "naive drift theta ets prophet skill watermark candlebook log bit mape crps ingest clean daily merge backfill consume " +
    "csv zip batch speed node papaparse duckdb parquet pearson har qlike kupiec christoffersen diebold mariano"
  ).split(" "),
);

/** A command to copy is the same in every language. */
const COMMAND = /candlebook [a-z]+( --[a-z-]+( [^\s.-]+)?)*/g;

/** The English words that a translation still has. */
export function englishLeft(english: string, shown: string): string[] {
  const words = (text: string) =>
    text
      .replace(COMMAND, " ")
      .replace(/[\w-]*[_\d][\w.-]*/g, " ")
      .match(/\b[A-Za-z]*[a-z]{3,}\b/g) ?? [];
  const there = new Set(words(shown));
  return words(english).filter((word) => there.has(word) && !ALIKE.has(word.toLowerCase()));
}

/**
 * What axe finds serious. The insides of still pictures, each of them one image with its description, and the rows of
 * tables after the third, which are as those before, are taken out meanwhile: axe reads every element there is.
 */
export async function seriousReportFindings(page: Page): Promise<string[]> {
  await page.evaluate(`globalThis.parked = [...document.querySelectorAll(".candlebook-static svg, main tbody")].map((one) => {
    const children = [...one.childNodes];
    const words = children.filter(({ localName }) => localName === "title" || localName === "desc");
    one.replaceChildren(...(one.localName === "tbody" ? children.slice(0, 3) : words));
    return [one, children];
  })`);
  const found = await seriousFindings(page);
  await page.evaluate("for (const [one, children] of globalThis.parked) one.replaceChildren(...children)");
  return found;
}
