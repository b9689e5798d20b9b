import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { NO_FIGURES } from "../src/candle/candle.ts";
import { candleChart } from "../src/charts/candles.ts";
import { toHtmlPage } from "../src/charts/page.ts";
import { bundleOf } from "../src/display/view.ts";
import type { Cell, Notebook } from "../src/notebooks/executedNotebooks.ts";
import { reportPage } from "../src/report/build.ts";
import type { Day } from "../src/time/day.ts";
import { hadItsTurn, launchBrowser, noBrowser, openPage } from "../testkit/browser.ts";
import { HOSTILE } from "../testkit/hostile.ts";
import { randomWalk } from "../testkit/series.ts";

if (noBrowser !== null) console.log(`hostile strings in a browser: skipped, ${noBrowser}`);

/** Cells in which the text stands wherever a text may stand. */
function cellsOf(text: string): Cell[] {
  const shown = bundleOf([{ [text]: text, n: 1 }], { caption: text });
  return [
    { cell_type: "markdown", source: `# ${text}\n\n${text}`, metadata: { vi: text } },
    {
      cell_type: "code",
      source: text,
      outputs: [
        { output_type: "stream", name: text, text },
        { output_type: "error", ename: text, evalue: text },
        { output_type: "display_data", data: shown },
        { output_type: "display_data", data: { "text/html": text } },
        { output_type: "display_data", data: { "image/svg+xml": text } },
        { output_type: "display_data", data: { "image/png": text } },
        {
          output_type: "display_data",
          data: { "text/html": `<div data-figure="${text}" class="candlebook-figure">x</div>` },
        },
      ],
    },
  ];
}

const claimOf = (text: string) => ({
  week: 1,
  asked: { en: text, vi: text },
  claim: { en: text, vi: text },
  value: { en: text, vi: text },
  holds: true,
  proof: { notebook: text, cell: text },
});

function pageOf(texts: readonly string[]): string {
  const notebooks: Notebook[] = [{ name: texts[0], cells: texts.flatMap(cellsOf) }];
  const [first] = texts;
  return reportPage(notebooks, {
    cover: { title: first, author: first, class: first, course: first, lecturer: first, studentId: first },
    claims: texts.map(claimOf),
    series: texts.map((symbol) => ({ ...randomWalk(1, 60), symbol })),
    source: "csv",
    now: first,
    files: texts.map((text) => ({ name: text, bytes: 1, sha256: text, rows: 1 })),
    tables: texts.map((text) => ({ table: text, rows: 1, version: text })),
    versions: { [first]: first },
  });
}

function chartPageOf(text: string): string {
  const day = { day: "2025-01-01" as Day, open: 1, high: 2, low: 1, close: 2, volume: 1, minutes: 1440 };
  return toHtmlPage(
    candleChart([{ ...day, symbol: text, origin: "batch", complete: true, ...NO_FIGURES }], {
      source: "csv",
    }),
  );
}

describe.skipIf(noBrowser !== null)("hostile strings", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "candlebook-hostile-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("in every text field of the report and of a chart run nothing and ask for nothing", async () => {
    const browser = await launchBrowser();
    const size = 50;
    try {
      for (let i = 0; i < HOSTILE.length; i += size) {
        for (const [name, html] of [
          ["report", pageOf(HOSTILE.slice(i, i + size))],
          ["chart", chartPageOf(HOSTILE[i])],
        ]) {
          const path = join(folder, `${name}-${i}.html`);
          // Every second page without its policy: escaping alone has to do then.
          await writeFile(
            path,
            (i / size) % 2 === 0 ? html : html.replace(/<meta http-equiv="Content-Security[^>]*>/, ""),
          );
          const { page, misdeeds } = await openPage(browser, pathToFileURL(path).href);
          if (name === "report") {
            await page.locator("#recompute").scrollIntoViewIfNeeded();
            await page.locator("#recompute tbody tr").first().waitFor();
          }
          await page.evaluate(() =>
            (globalThis as unknown as { candlebook: { drawAll(): Promise<void> } }).candlebook.drawAll(),
          );
          await hadItsTurn(page);
          const run = await page.evaluate(() => (globalThis as { pwned?: number }).pwned ?? 0);
          expect({ page: `${name} ${i}`, run, requests: misdeeds.requests }).toEqual({
            page: `${name} ${i}`,
            run: 0,
            requests: [],
          });
          await page.context().close();
        }
      }
    } finally {
      await browser.close();
    }
    expect(HOSTILE).toHaveLength(500);
  });

  it("do their harm where nothing is escaped, those too that need a while for it", async () => {
    const browser = await launchBrowser();
    // What answers later than it is read; every tenth string is unwrapped.
    const later = HOSTILE.filter(
      (text, i) =>
        i % 10 === 0 && /^<.*( on(error|begin|toggle|focus)=|srcdoc|@import|background)/.test(text),
    );
    const harmless: string[] = [];
    try {
      for (const [i, text] of later.entries()) {
        const path = join(folder, `raw-${i}.html`);
        await writeFile(path, `<!doctype html><body>${text}</body>`);
        const { page, misdeeds } = await openPage(browser, pathToFileURL(path).href);
        await hadItsTurn(page);
        const run = await page.evaluate(() => (globalThis as { pwned?: number }).pwned ?? 0);
        if (run === 0 && misdeeds.requests.length === 0) harmless.push(text);
        await page.context().close();
      }
    } finally {
      await browser.close();
    }
    expect(harmless).toEqual([]);
    expect(later).toHaveLength(13);
  });
});

describe.skipIf(noBrowser !== null)("a page of one figure", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "candlebook-figure-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is shown in either language, by its buttons, also when it is loaded again", async () => {
    const browser = await launchBrowser();
    try {
      const path = join(folder, "figure.html");
      await writeFile(path, chartPageOf("BTCUSDT"));
      const { page, misdeeds } = await openPage(browser, pathToFileURL(path).href);
      const title = page.locator(".candlebook-chart .gtitle");
      await title.filter({ hasText: "daily candle" }).waitFor();
      await page.locator('[data-language="vi"]').click();
      await title.filter({ hasText: "nến ngày" }).waitFor();
      expect(await page.title()).toContain("nến ngày");
      await page.reload();
      await title.filter({ hasText: "nến ngày" }).waitFor();
      expect(misdeeds).toEqual({ errors: [], requests: [] });
    } finally {
      await browser.close();
    }
  });
});
