import { existsSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { runProgram } from "../src/spark/programs.ts";
import { launchBrowser, noBrowser, openPage } from "../testkit/browser.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { PYTHON } from "../testkit/kernels.ts";

// Pictures of the report and of the executed notebooks for a person to look at:
// npm run screenshots -- [WORKSPACE], by default the project's folder, else simulated/.
const [named] = process.argv.slice(2);
const workspace = [named, PROJECT, join(PROJECT, "simulated")].find(
  (folder) => folder !== undefined && existsSync(join(folder, "report", "index.html")),
);
const target = join(PROJECT, "screenshots");

if (noBrowser !== null || workspace === undefined) {
  process.stderr.write(`${noBrowser ?? "There is no report to look at: npm start first."}\n`);
  process.exitCode = 1;
} else {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const browser = await launchBrowser();
  try {
    const report = pathToFileURL(join(workspace, "report", "index.html")).href;
    for (const colorScheme of ["light", "dark"] as const) {
      for (const language of ["en", "vi"]) {
        const { page } = await openPage(browser, report, { colorScheme });
        await page.locator(`[data-language="${language}"]`).click();
        // What stays at the top of the window would lie across every picture.
        await page.addStyleTag({ content: ".simulated { position: static; }" });
        await page
          .locator("header")
          .screenshot({ path: join(target, `report-${language}-${colorScheme}-cover.png`) });
        const ids = await page
          .locator("main > section")
          .evaluateAll((all) => all.map((one) => one.getAttribute("id") ?? ""));
        for (const id of ids) await shoot(page, `#${id}`, `report-${language}-${colorScheme}-${id}`);
        await page.context().close();
      }
    }
    await notebooks(workspace);
    for (const file of (await readdir(target)).filter((name) => name.endsWith(".html"))) {
      const { page } = await openPage(browser, pathToFileURL(join(target, file)).href);
      await shoot(page, "body", `notebook-${file.replace(".html", "")}`);
      await page.context().close();
    }
  } finally {
    await browser.close();
  }
  process.stdout.write(`${(await readdir(target)).length} files in screenshots/\n`);
}

/** A part of the page with its figures drawn. */
async function shoot(page: Page, part: string, name: string): Promise<void> {
  const place = page.locator(part);
  for (const figure of await place.locator(".candlebook-figure").all()) {
    await figure.scrollIntoViewIfNeeded();
    await figure.locator(".candlebook-chart .main-svg").first().waitFor();
  }
  await place.screenshot({ path: join(target, `${name}.png`) });
}

async function notebooks(folder: string): Promise<void> {
  const sources = join(folder, "report", "notebooks");
  const files = (await readdir(sources)).filter((name) => name.endsWith(".ipynb"));
  const words = ["-m", "nbconvert", "--to", "html", "--output-dir", target];
  const { code, err } = await runProgram(PYTHON, [...words, ...files.map((name) => join(sources, name))]);
  if (code !== 0) throw new Error(err);
}
