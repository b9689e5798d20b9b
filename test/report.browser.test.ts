import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toPng } from "../src/charts/png.ts";
import { WIDTH } from "../src/charts/theme.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { WEEKS } from "../src/course/weeks.ts";
import { bandIndices, type ForecastStep } from "../src/forecast/forecaster.ts";
import { forecasterOf } from "../src/forecast/registry.ts";
import { readSeries, requireInput } from "../src/forecasting/inputSeries.ts";
import { readForecasts } from "../src/forecasting/readForecasts.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { report } from "../src/report/report.ts";
import { query } from "../src/serving/query.ts";
import { runProgram } from "../src/spark/programs.ts";
import { launchBrowser, type Misdeeds, noBrowser, openPage } from "../testkit/browser.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { noKernels, PYTHON } from "../testkit/kernels.ts";
import { beside, englishLeft, seriousReportFindings, spoken } from "../testkit/reportPage.ts";
import { simulatedRun } from "../testkit/simulatedRun.ts";
import { drawnDifferently, GALLERY, galleryFigures } from "../tools/gallery.ts";

const skip = noKernels ?? noBrowser;
if (skip !== null) console.log(`report in a browser: skipped, ${skip}`);

describe.skipIf(skip !== null)("the report in Chromium, the net off", () => {
  let run: { asked: string; root: string };
  let workspace: Workspace;
  let browser: Browser;
  let page: Page;
  let misdeeds: Misdeeds;

  beforeAll(async () => {
    run = await simulatedRun();
    workspace = await openWorkspace({ root: run.root, threads: 2, memory: "512MB" });
    await writeFile(
      join(workspace.root, "report.json"),
      JSON.stringify({ title: "A title", author: "Ann <b>" }),
    );
    const { path, bytes } = await report(workspace);
    expect(bytes).toBeLessThan(5e6);
    browser = await launchBrowser();
    const url = pathToFileURL(join(workspace.root, path)).href;
    ({ page, misdeeds } = await openPage(browser, url));
  });
  afterAll(async () => {
    await browser?.close();
    await rm(run.asked, { recursive: true, force: true });
  });

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

  it("computes in a worker: the page answers meanwhile, and a newer choice ends the older computation", async () => {
    const begun: string[] = [];
    page.on("worker", (worker) => begun.push(worker.url().split(":")[0]));
    const section = page.locator("#recompute");
    const status = section.locator("[role=status]");
    const busy = async () => [
      await section.locator(".picture").getAttribute("aria-busy"),
      await section.locator(".output").getAttribute("aria-busy"),
    ];
    // No worker gets its question until it is let through: what is shown before that was not computed.
    await page.evaluate(`{
      const post = Worker.prototype.postMessage;
      const held = [];
      Worker.prototype.postMessage = function (...words) { held.push(() => post.apply(this, words)); };
      globalThis.letThrough = () => { Worker.prototype.postMessage = post; for (const one of held) one(); };
      globalThis.captions = [];
      const { caption } = document.querySelector("#recompute table");
      new MutationObserver(() => captions.push(caption.textContent)).observe(caption, { childList: true });
    }`);
    await section.scrollIntoViewIfNeeded();
    await expect.poll(() => status.innerText()).toBe("computing …");
    await section.locator('[name="model"]').selectOption("prophet");
    expect(await busy()).toEqual(["true", "true"]);
    await page.locator('[data-language="vi"]').click();
    await expect.poll(() => status.innerText()).toBe("đang tính …");
    await page.locator('[data-language="en"]').click();
    await section.locator('[name="model"]').selectOption("theta");
    expect(await section.locator("tbody tr").count()).toBe(0);
    await page.evaluate("letThrough()");
    await section.locator("caption", { hasText: "30-day forecast by theta" }).waitFor();
    await expect.poll(busy).toEqual(["false", "false"]);
    await expect.poll(() => begun).toEqual(["blob", "blob", "blob"]);
    await expect.poll(() => page.workers().length).toBe(1);
    const captions = await page.evaluate<string[]>("captions");
    expect(captions.filter((words) => !words.includes("theta"))).toEqual([]);
  });

  it("sorts a table by number, up and down, and hands it out as CSV", async () => {
    const table = page.locator("main .output table:has(caption:has-text('by hour of the day'))").first();
    const head = table.locator("th button").nth(1);
    const column = async () => (await table.locator("tbody td:nth-child(2)").allInnerTexts()).map(Number);
    await head.click();
    const up = await column();
    expect(up).toEqual([...up].sort((a, b) => a - b));
    await head.click();
    expect(await column()).toEqual([...up].reverse());
    const download = page.waitForEvent("download");
    await table.locator("xpath=following-sibling::p[1]/a").click();
    const csv = await readFile(await (await download).path(), "utf8");
    expect(csv.split("\n")).toHaveLength(1 + up.length + 1);
  });

  it("computes in the page what the library has published, and what it would for another choice", async () => {
    const section = page.locator("#recompute");
    const rows = section.locator("tbody tr");
    const choose = async (model: string, horizon: number, level: number) => {
      await section.locator('[name="model"]').selectOption(model);
      await section.locator('[name="level"]').selectOption(String(level));
      await section.locator('[name="horizon"]').fill(String(horizon));
      await section.locator('[name="horizon"]').blur();
      await section.locator("caption", { hasText: `${horizon}-day forecast by ${model}` }).waitFor();
      await expect.poll(() => section.locator("[role=status]").innerText()).toContain(`${level} % band`);
      return rows.evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll("td")].slice(2).map((cell) => Number(cell.dataset.value))),
      );
    };
    await section.scrollIntoViewIfNeeded();
    await rows.first().waitFor();
    const { symbols } = await readForecasts(workspace);
    const bandOf = ({ yhat, quantiles }: ForecastStep, level: number) => [
      yhat,
      ...bandIndices(level).map((i) => quantiles[i]),
    ];
    let furthest = 0;
    const compare = (found: number[][], steps: readonly ForecastStep[], level: number) => {
      expect(found).toHaveLength(steps.length);
      for (const [i, step] of steps.entries())
        for (const [j, value] of bandOf(step, level).entries())
          furthest = Math.max(furthest, Math.abs(found[i][j] / value - 1));
    };
    const [{ symbol, forecasts }] = symbols;
    for (const { model, steps } of forecasts) compare(await choose(model, 30, 80), steps, 80);
    const input = await requireInput(workspace);
    const [series] = await readSeries(workspace, input, [symbol], {});
    const { steps } = forecasterOf({ name: "theta" }).fit(series).predict(12);
    compare(await choose("theta", 12, 95), steps, 95);
    console.log(`${forecasts.length + 1} forecasts in Chromium: ${furthest} from the library's, relatively`);
    // Logarithms and exponentials of another V8 may differ in the last digit.
    expect(furthest).toBeLessThan(1e-12);

    await section.locator('[name="horizon"]').fill("366");
    await section.locator('[name="horizon"]').blur();
    await expect.poll(() => section.locator("[role=status]").innerText()).toContain("from 1 to 365");
    await choose("naive", 30, 80);
  });

  it("speaks Vietnamese by one switch: prose, claims, tables, figures; and English again", async () => {
    const contents = page.locator("#contents h2");
    // What the table of the gaps holds is shown as it is.
    const { rows } = await query(workspace, "SELECT DISTINCT source FROM gaps");
    const data = new Set(rows.map(({ source }) => source));
    const alone = (await spoken(page)).filter((text) => englishLeft(text, text).length > 0);
    expect(alone.filter((text) => !data.has(text))).toEqual([]);
    const pairs = await beside(page);
    expect(pairs.length).toBeGreaterThan(400);
    expect(pairs.flat().filter((text) => text.includes("[object"))).toEqual([]);
    expect(pairs.filter(([text, shown]) => englishLeft(text, shown).length > 0).slice(0, 20)).toEqual([]);
    await page.locator('[data-language="vi"]').click();
    await expect(contents.innerText()).resolves.toBe("Mục lục");
    expect(await page.locator("#contents ol[lang]:visible > li").count()).toBeGreaterThan(8);
    await expect(page.locator(".simulated").innerText()).resolves.toContain("MÔ PHỎNG");
    await page.locator("figure", { hasText: "nến tuần" }).first().scrollIntoViewIfNeeded();
    await page.locator(".candlebook-chart .gtitle", { hasText: "nến ngày" }).first().waitFor();
    expect((await beside(page)).filter(([text, shown]) => text !== shown)).toEqual([]);
    await page.locator('[data-language="en"]').click();
    await expect(contents.innerText()).resolves.toBe("Contents");
    expect((await beside(page)).sort()).toEqual(pairs.sort());
  });

  it("can be used by ear: axe finds nothing serious, light and dark, in both languages", async () => {
    for (const [colorScheme, language] of [
      ["light", "en"],
      ["light", "vi"],
      ["dark", "en"],
      ["dark", "vi"],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`[data-language="${language}"]`).click();
      const shown = { colorScheme, language };
      expect({ ...shown, found: await seriousReportFindings(page) }).toEqual({ ...shown, found: [] });
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.locator('[data-language="en"]').click();
  });

  it("can be used without a mouse: skip link, language, sorting, folding, choosing", async () => {
    const first = await page.evaluate<string>(
      'document.querySelector("a, button, input, select, summary, [tabindex]").className',
    );
    expect(first).toBe("skip");
    await page.locator(".skip").focus();
    await expect.poll(() => page.locator(".skip").boundingBox()).toMatchObject({ x: expect.closeTo(16, -1) });
    await page.keyboard.press("Enter");
    expect(page.url()).toMatch(/#main$/);
    await page.locator('[data-language="vi"]').focus();
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.documentElement.lang")).toBe("vi");
    await page.locator('[data-language="en"]').focus();
    await page.keyboard.press("Space");
    const head = page.locator("#claims th button").first();
    await head.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("#claims th[aria-sort=ascending]").count()).toBe(1);
    const fold = page.locator("details.code summary").first();
    await fold.focus();
    await page.keyboard.press("Enter");
    expect(await page.locator("details.code[open]").count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.locator('#recompute [name="model"]').focus();
    await page.keyboard.press("t");
    await page.locator("#recompute caption", { hasText: "by theta" }).waitFor();
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

  it("draws five years of days by the week, and a zoomed month by the day; ink turns to chalk in the dark", async () => {
    const figure = page.locator("figure", { hasText: "weekly candles" }).first();
    await figure.scrollIntoViewIfNeeded();
    const chart = figure.locator(".candlebook-chart");
    await chart.locator(".main-svg").first().waitFor();
    const candles = () =>
      chart.evaluate(
        (one) =>
          (one as unknown as { data: { x: string[]; type: string }[] }).data.find(
            ({ type }) => type === "candlestick",
          )?.x,
      );
    const zoom = (change: Record<string, unknown>) =>
      chart.evaluate(
        (one, to) =>
          (
            globalThis as unknown as { Plotly: { relayout(a: unknown, b: unknown): Promise<void> } }
          ).Plotly.relayout(one, to),
        change,
      );
    await zoom({ "xaxis.autorange": true });
    await expect.poll(async () => (await candles())?.length).toBeLessThan(450);
    const weeks = (await candles()) ?? [];
    expect(weeks.length).toBeGreaterThan(200);
    expect(new Set(weeks.slice(1).map((day, i) => Date.parse(day) - Date.parse(weeks[i])))).toEqual(
      new Set([7 * 86_400_000]),
    );
    await zoom({ "xaxis.range": ["2025-01-01", "2025-01-31"] });
    await expect.poll(async () => (await candles())?.includes("2025-01-15")).toBe(true);

    const lesson = page.locator("figure", { hasText: "and what it is worth" }).first();
    await lesson.scrollIntoViewIfNeeded();
    await lesson.locator(".candlebook-chart .main-svg").first().waitFor();
    const ink = () =>
      lesson
        .locator(".candlebook-chart")
        .evaluate(
          (one) => (one as unknown as { data: { line: { color: string } }[] }).data.at(-1)?.line.color,
        );
    expect(await ink()).toBe("#2b2b2b");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(ink).toBe("#d6d6d6");
    await page.emulateMedia({ colorScheme: "light" });
    await expect.poll(ink).toBe("#2b2b2b");
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
    expect(await page.locator(".candlebook-static:visible").count()).toBe(0);
    const traces = page.locator(".candlebook-chart .trace, .candlebook-chart .hm");
    expect(await traces.count()).toBeGreaterThan(count);
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
    const cutOff = await page
      .locator("main .output, main .wide")
      .evaluateAll((all) =>
        all
          .filter((one) => one.scrollWidth > one.clientWidth + 1)
          .map((one) => one.textContent?.slice(0, 80)),
      );
    expect(cutOff).toEqual([]);
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
    expect(await page.locator('main [lang="en"] a[href="#week2-cleaning"]').count()).toBe(1);
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

  it("did all that without an error and without a request, which its policy forbids, in the worker too", async () => {
    expect(misdeeds).toEqual({ errors: [], requests: [] });
    const policy = await page.locator("meta[http-equiv=Content-Security-Policy]").getAttribute("content");
    expect(policy?.replaceAll(/'sha256-[\w+/=]+'/g, "HASH").split("; ")).toEqual([
      "default-src 'none'",
      "script-src HASH HASH HASH",
      "style-src 'unsafe-inline'",
      "img-src data: blob:",
      "worker-src blob:",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    // A data address needs no net: nothing but the policy stops it.
    const asked = await page
      .workers()[0]
      .evaluate("fetch('data:,x').then(() => 'answered', () => 'refused')");
    expect(asked).toBe("refused");
  });
});
