import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toPng } from "../src/charts/png.ts";
import { WIDTH } from "../src/charts/theme.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { WEEKS } from "../src/course/weeks.ts";
import { report } from "../src/report/report.ts";
import { runProgram } from "../src/spark/programs.ts";
import { openPage } from "../testkit/browser.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { PYTHON } from "../testkit/kernels.ts";
import { noReport, openReport, type ReportInBrowser } from "../testkit/reportInBrowser.ts";
import { drawnDifferently, GALLERY, galleryFigures } from "../tools/gallery.ts";

/** The drawn figures whose drawing is not as wide as its box: width of the box, of the drawing. */
function misfits(page: Page): Promise<number[][]> {
  return page
    .locator(".candlebook-chart")
    .evaluateAll((all) =>
      all
        .map((one) => [one.clientWidth, one.querySelector(".main-svg")?.getBoundingClientRect().width ?? 0])
        .filter(([box, drawing]) => Math.abs(box - drawing) >= 1),
    );
}

describe.skipIf(noReport !== null)("the report in Chromium, the net off", () => {
  let opened: ReportInBrowser;
  let workspace: Workspace;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    opened = await openReport();
    ({ workspace, browser, page } = opened);
  });
  afterAll(() => opened?.close());

  it("is skipped when nothing changed, and holds no path of this machine", async () => {
    expect(await report(workspace)).toMatchObject({ skipped: true });
    const html = await readFile(join(workspace.root, "report", "index.html"), "utf8");
    expect(html).not.toContain(workspace.root);
  });

  it("says on the page and on every figure that the market is simulated", async () => {
    await expect(page.locator(".simulated").innerText()).resolves.toContain("SIMULATED");
    const still = await page
      .locator(".candlebook-static")
      .evaluateAll((all) => all.map((one) => one.outerHTML));
    expect(still.length).toBeGreaterThanOrEqual(15);
    expect(still.filter((svg) => !svg.includes(">SIMULATED<") || !svg.includes("simulated market"))).toEqual(
      [],
    );
  });

  it("has the cover that report.json says, as text", async () => {
    await expect(page.locator("h1").first().innerText()).resolves.toBe("A title");
    await expect(page.locator("dl.cover dd").first().innerText()).resolves.toBe("Ann <b>");
  });

  it("has abstract, syllabus with evidence, architecture, limits and references", async () => {
    await expect(page.locator("#abstract p").first().innerText()).resolves.toMatch(
      /^This report follows BTCUSDT, ETHUSDT from 1,0\d\d,\d{3} raw rows to [\d,]+ days/,
    );
    const weeks = page.locator("#syllabus tbody tr");
    const numbers = WEEKS.map(({ week }) => String(week));
    expect(await weeks.locator("td:first-child").allInnerTexts()).toEqual(numbers);
    const evidence = await weeks.locator("td:nth-child(4) [lang=en]").allInnerTexts();
    expect(evidence.filter((words) => !/\d/.test(words))).toEqual([]);
    const links = await weeks
      .locator("a")
      .evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
    expect(links).toHaveLength(WEEKS.length);
    for (const link of links) expect(await page.locator(link).count()).toBe(1);
    expect(await page.locator("#architecture svg .box").count()).toBe(15);
    expect(await page.locator("#limits li").count()).toBeGreaterThan(4);
    expect(await page.locator("#references li").count()).toBeGreaterThan(9);
  });

  it("has each claim with its number, and a link to the cell that shows it", async () => {
    const rows = page.locator("#claims tbody tr");
    const claims = WEEKS.flatMap((week) => week.claims);
    expect(await rows.count()).toBe(claims.length);
    const links = await rows
      .locator("a")
      .evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
    expect(links).toHaveLength(claims.length);
    for (const link of links) expect(await page.locator(link).count()).toBe(1);
    expect((await rows.locator(".verdict").allInnerTexts()).slice(0, 6)).toEqual(Array(6).fill("✓ holds"));
    // A random walk can't be beaten and need not be: the claim is about chance, and its number says both.
    await expect(rows.last().locator("td").nth(3).innerText()).resolves.toMatch(/skill −?\d.*, t −?\d/);
  });

  it("the README's figures are those that the simulated market gives (else: npm run gallery), small, and each with its words", async () => {
    const figures = await galleryFigures(workspace);
    const files = (await readdir(GALLERY)).sort();
    expect(files).toEqual(
      Object.keys(figures)
        .map((name) => `${name}.svg`)
        .sort(),
    );
    const readme = await readFile(join(PROJECT, "README.md"), "utf8");
    for (const [name, figure] of Object.entries(figures)) {
      const { alt, interactive } = figure;
      expect(alt.en).toMatch(/\d/);
      expect(JSON.stringify(interactive.layout)).toContain("simulated market");
      const png = Buffer.from(toPng(figure, 1));
      expect([png.toString("latin1", 1, 4), png.readUInt32BE(16)]).toEqual(["PNG", WIDTH]);
      const svg = await readFile(join(GALLERY, `${name}.svg`), "utf8");
      expect({ name, different: drawnDifferently(svg, figure.svg()) }).toEqual({ name, different: [] });
      expect(svg).toContain(">SIMULATED</text>");
      expect(svg.length).toBeLessThan(60_000);
      expect(readme).toMatch(new RegExp(`!\\[[^\\]]{10,}\\]\\(docs/gallery/${name}\\.svg\\)`));
    }
  });

  it("goes through nbconvert too: an executed notebook's page has its figures, drawn", async () => {
    const name = "week2-cleaning";
    const source = join(workspace.root, "report", "notebooks", `${name}.ipynb`);
    const made = await runProgram(PYTHON, [
      "-m",
      "nbconvert",
      "--to",
      "html",
      "--output-dir",
      workspace.root,
      source,
    ]);
    expect({ code: made.code, err: made.code === 0 ? "" : made.err }).toEqual({ code: 0, err: "" });
    const other = await openPage(browser, pathToFileURL(join(workspace.root, `${name}.html`)).href);
    const figure = other.page.locator(".candlebook-figure").first();
    await figure.scrollIntoViewIfNeeded();
    await figure.locator(".candlebook-chart .main-svg").first().waitFor();
    await other.page.context().close();
  });

  it("draws each figure when the reader gets there", async () => {
    const figures = page.locator(".candlebook-figure");
    const count = await figures.count();
    expect(count).toBeGreaterThanOrEqual(15);
    for (let i = 0; i < count; i += 1) {
      await figures.nth(i).scrollIntoViewIfNeeded();
      await figures.nth(i).locator(".candlebook-chart .main-svg").first().waitFor();
    }
    // A still picture is hidden when its figure is whole, a while after its first part is there.
    await expect.poll(() => page.locator(".candlebook-static:visible").count()).toBe(0);
    const traces = page.locator(".candlebook-chart .trace, .candlebook-chart .hm");
    expect(await traces.count()).toBeGreaterThan(count);
  });

  it("draws figures again for each width, one that they were given while hidden too, and none says that it scrolls", async () => {
    for (const [width, media] of [
      [800, "print"],
      [1280, "screen"],
      [900, "screen"],
    ] as const) {
      await page.emulateMedia({ media });
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ media: "screen" });
      await expect.poll(() => misfits(page)).toEqual([]);
      expect({ width, scroll: await page.locator("main .scrolls .candlebook-figure").count() }).toEqual({
        width,
        scroll: 0,
      });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await expect.poll(() => misfits(page)).toEqual([]);
  });

  it("prints: figures as SVG, code as it is folded, nothing wider than paper or window, and makes a PDF", async () => {
    // Where the browser would lay out an A4 page between its margins, in CSS pixels.
    await page.setViewportSize({ width: 688, height: 1000 });
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".candlebook-chart:visible").count()).toBe(0);
    expect(await page.locator("main .candlebook-static svg:visible").count()).toBeGreaterThanOrEqual(15);
    for (const hidden of ["#recompute", ".switches", ".table-tools", "details.code"])
      expect(await page.locator(`${hidden}:visible`).count()).toBe(0);
    const wide = await page
      .locator("main table, main svg, main pre")
      .evaluateAll((all) =>
        all
          .filter((one) => one.getBoundingClientRect().right > 690)
          .map((one) => one.textContent?.slice(0, 80)),
      );
    expect(wide).toEqual([]);
    await page.emulateMedia({ media: "screen" });
    await page.setViewportSize({ width: 1280, height: 900 });
    const cutOff = () =>
      page
        .locator("main .output, main .wide")
        .evaluateAll((all) =>
          all
            .filter((one) => one.scrollWidth > one.clientWidth + 1)
            .map((one) => one.textContent?.slice(0, 80)),
        );
    await expect.poll(() => misfits(page)).toEqual([]);
    await expect.poll(cutOff).toEqual([]);
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(15);
  });

  it("leads from the contents list to every chapter, and from one notebook to the next", async () => {
    const links = page.locator("#contents ol[lang=en] a");
    const targets = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    expect(targets.length).toBeGreaterThan(12);
    for (const target of targets) expect(await page.locator(target).count()).toBe(1);
    await page.locator('#contents a[href="#week3-daily-and-backfill"]:visible').click();
    await expect
      .poll(() =>
        page
          .locator("#week3-daily-and-backfill")
          .evaluate((part) => Math.round(part.getBoundingClientRect().top)),
      )
      .toBeLessThan(200);
    expect(await page.locator('main .notebook [lang="en"] a[href="#week2-cleaning"]').count()).toBe(1);
  });

  it("folds the code, each cell and all at once", async () => {
    const code = page.locator("details.code");
    const open = () => page.locator("details.code[open]").count();
    expect(await open()).toBe(0);
    await code.first().locator("summary").click();
    expect(await open()).toBe(1);
    await page.locator("#all-code").click();
    expect(await open()).toBe(await code.count());
    await page.locator("#all-code").click();
    expect(await open()).toBe(0);
  });

  it("did all that without an error and without a request", () => {
    expect(opened.misdeeds).toEqual({ errors: [], requests: [] });
  });
});
