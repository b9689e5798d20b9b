import { readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import type { ForecastStep } from "../src/forecast/forecaster.ts";
import { forecasterOf } from "../src/forecast/registry.ts";
import { readForecasts } from "../src/pipeline/forecastRead.ts";
import { runNotebooks } from "../src/pipeline/notebooks.ts";
import { report } from "../src/pipeline/report.ts";
import { readSeries, requireInput } from "../src/pipeline/series.ts";
import { launchBrowser, type Misdeeds, noBrowser, openPage } from "../testkit/browser.ts";
import { noKernels } from "../testkit/kernels.ts";
import { simulatedWorkspace } from "../testkit/workspace.ts";

const skip = noKernels ?? noBrowser;
if (skip !== null) console.log(`report in a browser: skipped, ${skip}`);

describe.skipIf(skip !== null)("the report in Chromium, the net off", () => {
  let workspace: Workspace;
  let browser: Browser;
  let page: Page;
  let misdeeds: Misdeeds;

  beforeAll(async () => {
    workspace = await simulatedWorkspace();
    const runs = await runNotebooks(workspace, { kernel: "deno" });
    expect(runs.filter(({ cells, skipped }) => cells > 0 && !skipped)).toHaveLength(8);
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
    await rm(workspace.root, { recursive: true, force: true });
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

  it("has each claim with its number, and a link to the cell that shows it", async () => {
    const rows = page.locator("table.claims tbody tr");
    expect(await rows.count()).toBe(8);
    const links = await rows
      .locator("a")
      .evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
    expect(links).toHaveLength(8);
    for (const link of links) expect(await page.locator(link).count()).toBe(1);
    expect((await rows.locator(".verdict").allInnerTexts()).slice(0, 6)).toEqual(Array(6).fill("✓ holds"));
  });

  it("sorts a table by number, up and down, and hands it out as CSV", async () => {
    const table = page.locator("main .output table:has(caption:text('by hour of the day'))").first();
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
    const bandOf = ({ yhat, quantiles }: ForecastStep, from: number) => [
      yhat,
      quantiles[from],
      quantiles[quantiles.length - 1 - from],
    ];
    let furthest = 0;
    const compare = (found: number[][], steps: readonly ForecastStep[], from: number) => {
      expect(found).toHaveLength(steps.length);
      for (const [i, step] of steps.entries())
        for (const [j, value] of bandOf(step, from).entries())
          furthest = Math.max(furthest, Math.abs(found[i][j] / value - 1));
    };
    const [{ symbol, forecasts }] = symbols;
    for (const { model, steps } of forecasts) compare(await choose(model, 30, 80), steps, 2);
    const input = await requireInput(workspace);
    const [series] = await readSeries(workspace, input, [symbol], {});
    const { steps } = forecasterOf({ name: "theta" }).fit(series).predict(12);
    compare(await choose("theta", 12, 95), steps, 0);
    console.log(`${forecasts.length + 1} forecasts in Chromium: ${furthest} from the library's, relatively`);
    // Logarithms and exponentials of another V8 may differ in the last digit.
    expect(furthest).toBeLessThan(1e-12);

    await section.locator('[name="horizon"]').fill("366");
    await section.locator('[name="horizon"]').blur();
    await expect.poll(() => section.locator("[role=status]").innerText()).toContain("from 1 to 365");
  });

  it("switches the language", async () => {
    const contents = page.locator("#contents h2");
    await page.locator('[data-language="vi"]').click();
    await expect(contents.innerText()).resolves.toBe("Mục lục");
    expect(await page.locator("#contents ol[lang]:visible > li").count()).toBeGreaterThan(8);
    await page.locator('[data-language="en"]').click();
    await expect(contents.innerText()).resolves.toBe("Contents");
  });

  it("can be used without a mouse and by ear: axe finds nothing serious", async () => {
    const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    await page.evaluate(source);
    const found = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      };
      const { violations } = await axe.run();
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.length}, such as ${nodes[0].html.slice(0, 160)}`);
    });
    expect(found).toEqual([]);
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

  it("leads from the contents list to every chapter", async () => {
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
  });

  it("leads from one notebook to the next", async () => {
    expect(
      await page
        .locator('main [lang="en"] a[href="#week2-cleaning"], main > section > p a[href="#week2-cleaning"]')
        .count(),
    ).toBe(1);
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
    expect(misdeeds).toEqual({ errors: [], requests: [] });
  });
});
