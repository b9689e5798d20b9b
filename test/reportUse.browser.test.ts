import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { numberIn } from "../src/core/numbers.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { bandIndices, type ForecastStep } from "../src/forecast/forecaster.ts";
import { forecasterOf } from "../src/forecast/registry.ts";
import { readSeries, requireInput } from "../src/forecasting/inputSeries.ts";
import { readForecasts } from "../src/forecasting/readForecasts.ts";
import { query } from "../src/serving/query.ts";
import { type Misdeeds, openPage } from "../testkit/browser.ts";
import { noReport, openReport, type ReportInBrowser } from "../testkit/reportInBrowser.ts";
import { misprinted, noise, numberCells, numbersIn, ragged, shownHeads } from "../testkit/reportNumbers.ts";
import { beside, englishLeft, seriousReportFindings, spoken } from "../testkit/reportPage.ts";

describe.skipIf(noReport !== null)("the report in use, in Chromium, the net off", () => {
  let opened: ReportInBrowser;
  let workspace: Workspace;
  let page: Page;
  let misdeeds: Misdeeds;

  beforeAll(async () => {
    opened = await openReport();
    ({ workspace, page, misdeeds } = opened);
  });
  afterAll(() => opened?.close());

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

  it("opens with one sentence, the candles with the fan, and the bands, above the fold of 1280 × 900", async () => {
    const fresh = await openPage(opened.browser, page.url().replace(/#.*/, ""));
    const first = fresh.page.locator("#at-a-glance");
    await first.locator(".candlebook-chart .main-svg").first().waitFor();
    const bands = first.locator("table").first();
    await expect(first.locator(".conclusion").first().innerText()).resolves.toMatch(
      /^With a probability of 80 %, BTCUSDT closes between [\d,]+ and [\d,]+ USDT on 2026-07-30/,
    );
    expect(await bands.locator("tbody td:first-child").allInnerTexts()).toEqual(["1", "7", "30"]);
    // While a figure is drawn, its still picture is there too.
    const bottom = async () => {
      const box = await bands.boundingBox();
      return (box?.y ?? 900) + (box?.height ?? 900);
    };
    await expect.poll(bottom).toBeLessThan(900);
    // No day of a published forecast has come: the diary has nothing to say. Hashes are folded.
    expect(await first.locator("caption", { hasText: "Published forecasts" }).count()).toBe(0);
    expect(await fresh.page.locator("details.facts[open]").count()).toBe(0);
    await fresh.page.context().close();
  });

  it("keeps the language when it is loaded again, its title too; #vi asks for Vietnamese", async () => {
    const fresh = await openPage(opened.browser, `${page.url().replace(/#.*/, "")}#vi`);
    const shown = () => fresh.page.evaluate<string[]>("[document.documentElement.lang, location.hash]");
    await expect.poll(shown).toEqual(["vi", "#vi"]);
    await fresh.page.locator('[data-language="en"]').click();
    await fresh.page.reload();
    expect(await shown()).toEqual(["en", "#en"]);
    await fresh.page.goto(page.url().replace(/#.*/, ""));
    await fresh.page.locator('[data-language="vi"]').click();
    await fresh.page.reload();
    await expect.poll(shown).toEqual(["vi", ""]);
    await fresh.page.context().close();
  });

  it("fits a phone: nothing is cut, what is wide scrolls and says so, contents are folded", async () => {
    const fresh = await openPage(opened.browser, page.url().replace(/#.*/, ""));
    await fresh.page.setViewportSize({ width: 390, height: 844 });
    await expect.poll(() => fresh.page.locator("#contents details[open]").count()).toBe(0);
    expect(await fresh.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    const wide = fresh.page.locator("main .scrolls");
    await expect.poll(() => wide.count()).toBeGreaterThan(10);
    const out = `[...document.querySelectorAll("main *, header *")]
      .filter((one) => one.getBoundingClientRect().right > 391 && !one.closest(".scrolls, pre, .skip, details:not([open])"))
      .map((one) => one.outerHTML.slice(0, 100))`;
    await expect.poll(() => fresh.page.evaluate<string[]>(out)).toEqual([]);
    expect(await seriousReportFindings(fresh.page)).toEqual([]);
    await fresh.page.locator("#contents summary").click();
    await fresh.page.locator('#contents a[href="#week3-daily-and-backfill"]:visible').click();
    const title = fresh.page.locator("#week3-daily-and-backfill h2").first();
    await expect.poll(async () => (await title.boundingBox())?.y ?? -1).toBeGreaterThanOrEqual(0);
    await fresh.page.context().close();
  });

  it("writes each number as the language does, with the same decimals down a column, units in heads, no noise", async () => {
    // The names of months are numbers in Vietnamese; an error has its own words there, without numbers.
    const others = /^([A-Z][a-z]{2})( \d+)?$|^The feature close_of_the_day knows the future/;
    const pairs = (await beside(page)).filter(([text]) => !others.test(text));
    const differ = pairs.filter(
      ([text, shown]) => String(numbersIn(text, "en")) !== String(numbersIn(shown, "vi")),
    );
    expect(differ).toEqual([]);
    for (const language of ["vi", "en"] as const) {
      await page.locator(`[data-language="${language}"]`).click();
      const cells = await numberCells(page);
      expect(cells.length).toBeGreaterThan(500);
      expect(misprinted(cells, language)).toEqual([]);
      expect(ragged(cells, language)).toEqual([]);
      const numbers = cells.filter(({ value }) => !Number.isNaN(Number(value)));
      expect(numbers.filter(({ value }) => value !== String(Number(Number(value).toPrecision(15))))).toEqual(
        [],
      );
    }
    const heads = await shownHeads(page);
    expect(heads.filter((head) => /[a-z][A-Z]|_/.test(head.replace("vwap", "")))).toEqual([]);
    const priced =
      /^(open|high|low|close|vwap|lowest|highest|median|point forecast|.* band (from|to)|(mean |quote )?volume|taker \w+)\b/;
    const unitless = heads.filter((head) => priced.test(head) && !/, \S/.test(head));
    expect(unitless.filter((head) => !head.startsWith("open time"))).toEqual([]);
    const prose = await page.locator("main").innerText();
    expect(noise(prose)).toEqual([]);
  });

  it("has one number for one thing: the shown model's error, skill, band and point, wherever they are", async () => {
    await page.locator('[data-language="en"]').click();
    const [{ symbol, scores, forecasts, cutoffs }] = (await readForecasts(workspace)).symbols;
    const model = "random_walk_ensemble";
    const score = scores.find((one) => one.model === model);
    const steps = forecasts.find((one) => one.model === model)?.steps ?? [];
    const glance = page.locator("#at-a-glance table").first();
    // The glance's table is the page's first.
    const cells = (await numberCells(page)).filter(({ table }) => table === 0);
    const cellsOf = (wanted: string) =>
      cells.filter(({ head }) => head === wanted).map(({ value }) => Number(value));
    const mape = [1, 7, 30].map((day) => score?.byStep.find(({ stepsAhead }) => stepsAhead === day)?.mape);
    for (const [i, found] of cellsOf("MAPE, %").entries()) expect(found).toBeCloseTo(mape[i] ?? 0, 9);
    const week8 = page.locator("#week8-report table", { hasText: "what to expect" }).first();
    expect(await week8.locator("tbody tr").last().locator("td").nth(2).innerText()).toBe(
      await glance.locator("tbody tr").last().locator("td").nth(2).innerText(),
    );
    await expect(glance.locator("caption").innerText()).resolves.toContain(
      `MAPE of its point forecasts over the ${cutoffs.length} windows of the backtest`,
    );
    const skill = numberIn("en", 100 * Math.abs(score?.skill ?? 0), 1);
    const subtitles = await page.locator(".candlebook-static > svg > text:nth-of-type(2)").allTextContents();
    const named = subtitles.filter((text) => text.startsWith(`${model}, from days`));
    expect(named).toHaveLength(3);
    for (const text of [named[0], named[2]])
      expect(text).toContain(`its CRPS in the backtest is ${skill} % lower than naive's`);
    const claim = await page.locator("#claims tbody tr").last().locator("td").nth(3).innerText();
    expect(claim).toContain(`${symbol}: CRPS skill ${skill} %`);
    const point = numberIn("en", steps.at(-1)?.yhat ?? 0, 0);
    const fan = await page
      .locator("main .candlebook-static")
      .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? ""));
    expect(fan.filter((text) => text.includes(`Point forecast for 2026-07-30: ${point}`))).toHaveLength(2);
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
    await expect.poll(() => page.url()).toMatch(/#main$/);
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
