import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";

const places = [
  process.env.CANDLEBOOK_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];

const chromiumPath = places.find((path) => path !== undefined && existsSync(path));

/** Why tests in a real browser are skipped here, or null where there is one. */
export const noBrowser =
  chromiumPath === undefined
    ? "no Chromium is installed; install one, or name it in CANDLEBOOK_CHROMIUM"
    : null;

/** What a page did that it should not have done. */
export interface Misdeeds {
  /** Console errors and uncaught exceptions. */
  errors: string[];
  /** Requests to anything but the page's own file and what it carries itself. */
  requests: string[];
}

/** A browser with a fresh profile and nothing of its own on the net. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Opens a page and writes down what it should not do. The net is off unless it is asked for. */
export async function openPage(
  browser: Browser,
  url: string,
  { offline = true, ...options }: { offline?: boolean; colorScheme?: "light" | "dark" } = {},
): Promise<{ page: Page; misdeeds: Misdeeds }> {
  const context = await browser.newContext({ offline, viewport: { width: 1280, height: 900 }, ...options });
  // As long as a poll of the tests waits: a machine that others use too may stand still for half a minute.
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const misdeeds: Misdeeds = { errors: [], requests: [] };
  page.on("console", (message) => {
    if (message.type() === "error") misdeeds.errors.push(message.text());
  });
  page.on("pageerror", (error) => misdeeds.errors.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== url && !/^(data|blob):/.test(request.url())) misdeeds.requests.push(request.url());
  });
  await page.goto(url);
  return { page, misdeeds };
}

/**
 * Waits until all that a page's markup could set off has had its turn: of each kind that answers later (pictures, sound,
 * style sheets, frames, toggles, what waits for a drawn frame) one more is put in behind the page's own, and answers.
 */
export async function hadItsTurn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { document, requestAnimationFrame } = globalThis as unknown as {
      document: { body: { append(node: object): void }; createElement(tag: string): Record<string, unknown> };
      requestAnimationFrame(then: () => void): void;
    };
    const kinds: [tag: string, attributes: object][] = [
      ["img", { src: "data:image/png,x" }],
      ["audio", { src: "data:audio/wav,x" }],
      ["link", { rel: "stylesheet", href: "data:text/css," }],
      ["iframe", { srcdoc: "x" }],
      ["details", { open: true, innerHTML: "<summary>x</summary>" }],
    ];
    await Promise.all(
      kinds.map(([tag, attributes]) => {
        const one = Object.assign(document.createElement(tag), attributes);
        return new Promise<unknown>((resolve) => {
          Object.assign(one, { onload: resolve, onerror: resolve, ontoggle: resolve });
          document.body.append(one);
        });
      }),
    );
    for (let drawn = 0; drawn < 2; drawn += 1) await new Promise<void>((next) => requestAnimationFrame(next));
  });
}

/** What axe-core finds serious or critical in a page, by rule. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => `${id}: ${nodes.length}, such as ${nodes[0].html.slice(0, 160)}`);
  });
}
