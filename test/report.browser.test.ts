import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { runNotebooks } from "../src/pipeline/notebooks.ts";
import { report } from "../src/pipeline/report.ts";
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
    await runNotebooks(workspace);
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

  it("says that the market is simulated", async () => {
    await expect(page.locator(".simulated").innerText()).resolves.toContain("SIMULATED");
  });

  it("draws each figure when the reader gets there", async () => {
    const figures = page.locator(".candlebook-figure");
    const count = await figures.count();
    expect(count).toBeGreaterThanOrEqual(7);
    for (let i = 0; i < count; i += 1) {
      await figures.nth(i).scrollIntoViewIfNeeded();
      await figures.nth(i).locator(".candlebook-chart .main-svg").first().waitFor();
    }
    expect(await page.locator(".candlebook-static:visible").count()).toBe(0);
    const traces = page.locator(".candlebook-chart .trace, .candlebook-chart .hm");
    expect(await traces.count()).toBeGreaterThan(count);
  });

  it("leads from the contents list to every chapter", async () => {
    const links = page.locator("#contents a");
    const targets = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    expect(targets.length).toBeGreaterThan(12);
    for (const target of targets) expect(await page.locator(target).count()).toBe(1);
    await page.locator('#contents a[href="#week3-daily-and-backfill"]').click();
    await expect
      .poll(() =>
        page
          .locator("#week3-daily-and-backfill")
          .evaluate((part) => Math.round(part.getBoundingClientRect().top)),
      )
      .toBeLessThan(200);
  });

  it("leads from one notebook to the next", async () => {
    expect(await page.locator('main a[href="#week2-cleaning"]').count()).toBe(1);
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
