import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launchBrowser, openPage } from "../../testkit/browser.ts";

// How long reports take to open in Chromium with the net off: node bench/report/open.ts ROUNDS REPORT.html …
const [rounds, ...files] = process.argv.slice(2);
const browser = await launchBrowser();
process.stdout.write(
  "| report | MB | first words, ms | document stands, ms | loaded, ms | a figure drawn, ms |\n",
);
process.stdout.write("|---|---:|---:|---:|---:|---:|\n");
for (const file of files) {
  const all: number[][] = [];
  for (let round = 0; round < Number(rounds); round += 1) all.push(await opened(file));
  const middle = all[0].map((_, i) => all.map((times) => times[i]).sort((a, b) => a - b)[all.length >> 1]);
  const size = (await stat(file)).size / 1e6;
  process.stdout.write(`| ${file} | ${size.toFixed(1)} | ${middle.map(Math.round).join(" | ")} |\n`);
}
await browser.close();

/** First words on the screen, document standing, all loaded, and from then until the first figure is interactive. */
async function opened(file: string): Promise<number[]> {
  const { page } = await openPage(browser, pathToFileURL(resolve(file)).href);
  const times = await page.evaluate<number[]>(`(() => {
    const [{ domContentLoadedEventEnd, loadEventEnd }] = performance.getEntriesByType("navigation");
    const [{ startTime }] = performance.getEntriesByName("first-contentful-paint");
    return [startTime, domContentLoadedEventEnd, loadEventEnd];
  })()`);
  const before = await page.evaluate<number>("performance.now()");
  await page.locator("figure.candlebook-figure").first().scrollIntoViewIfNeeded();
  await page.locator("figure .main-svg").first().waitFor();
  const after = await page.evaluate<number>("performance.now()");
  await page.context().close();
  return [...times, after - before];
}
