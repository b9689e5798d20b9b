import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { WEEKS } from "../src/course/weeks.ts";
import { forecast } from "../src/forecasting/forecast.ts";
import { publishedTables } from "../src/lake/catalog.ts";
import { launchBrowser, type Misdeeds, noBrowser, openPage } from "../testkit/browser.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { noKernels, PYTHON } from "../testkit/kernels.ts";
import { type Lab, type OpenNotebook, openNotebook, startLab } from "../testkit/lab.ts";
import { until } from "../testkit/live.ts";
import { simulatedWorkspace } from "../testkit/workspace.ts";

const skip = noKernels ?? noBrowser;
if (skip !== null) console.log(`JupyterLab in a browser: skipped, ${skip}`);

const LESSON = [
  `import { cellEffects, forecast, openWorkspace, query, show } from "candlebook";\nconst workspace = await openWorkspace();`,
  `await forecast(workspace, {}, cellEffects());\nawait show("It came to its end.");`,
  `await query(workspace, "SELECT nothing FROM daily_filled");`,
  `await show("The kernel still runs.");`,
];

/** Seconds; a busy machine takes its time. */
const PATIENT = 60;

/** A stack, a folder of ours, or a place in a script. */
const STACK = /^\s+at |node_modules|dist\/|\.ts:\d|\.js:\d/m;

describe.skipIf(skip !== null)("JupyterLab, as npm run lab starts it", () => {
  let workspace: Workspace;
  let lab: Lab;
  let browser: Browser;
  let page: Page;
  let lesson: OpenNotebook;
  let misdeeds: Misdeeds;

  beforeAll(async () => {
    workspace = await simulatedWorkspace("merge");
    lab = await startLab(workspace, { lesson: LESSON });
    browser = await launchBrowser();
    ({ page, misdeeds } = await openPage(browser, "about:blank", { offline: false }));
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
    await rm(workspace.root, { recursive: true, force: true });
  });

  /** tslab drops what comes within 200 ms of an error: then the cell is to be run once more. */
  const runAgain = async (what: string, done: () => Promise<boolean>) => {
    let tries = 0;
    await until(
      what,
      async () => {
        const ended = await done();
        if (!ended && tries % 50 === 0) await page.keyboard.press("Control+Enter");
        tries += 1;
        return ended;
      },
      PATIENT,
    );
  };

  it("lets nobody in without its token", async () => {
    expect(new URL(lab.url).hostname).toBe("127.0.0.1");
    expect((await fetch(`${lab.url}api/contents`)).status).toBe(403);
  });

  it("opens on a start page that leads to the notebooks in their order", async () => {
    await page.goto(lab.start);
    const links = page.locator(".jp-MarkdownViewer td a");
    await until("the start page is shown", async () => (await links.count()) === WEEKS.length, PATIENT);
    const weeks = (await links.allInnerTexts()).map((text) => Number(/^Week (\d+): /.exec(text)?.[1]));
    expect(weeks).toEqual(WEEKS.map(({ week }) => week));
    await links.first().click();
    const tab = page.locator("#jp-main-dock-panel .lm-TabBar-tabLabel", { hasText: "week1-ingestion.ipynb" });
    await tab.waitFor({ timeout: PATIENT * 1_000 });
  });

  it("runs week 1 from top to bottom by the keyboard, and its chart is drawn", async () => {
    const { cells, counts } = await openNotebook(page, lab, "week1-ingestion");
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+Enter");
    await until("all cells have run", async () => !(await counts()).includes(null), PATIENT);
    const all = await counts();
    expect(all).toEqual(all.map((_, i) => i + 1));
    expect(await cells.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count()).toBe(0);
    // What a cell far away has put out is drawn when the reader gets there.
    const picture = cells.filter({ hasText: "minuteChart(minutes" });
    await picture.scrollIntoViewIfNeeded();
    const chart = picture.locator(".candlebook-chart");
    await chart.scrollIntoViewIfNeeded();
    await chart.locator(".main-svg").first().waitFor();
    await expect.poll(() => chart.locator(".trace, .barlayer .point").count()).toBeGreaterThan(0);
    expect((await chart.boundingBox())?.height).toBeGreaterThan(200);
    // The window stays as it is.
    const misfit = () =>
      chart.evaluate((one) => {
        const drawing = one.querySelector(".main-svg")?.getBoundingClientRect().width ?? 0;
        return Math.abs(drawing - one.clientWidth) >= 1;
      });
    const width = async () => (await chart.boundingBox())?.width ?? 0;
    const before = await width();
    await page.keyboard.press("Control+b");
    await expect.poll(width).not.toBe(before);
    await expect.poll(misfit).toBe(false);
    await page.keyboard.press("Control+b");
    await expect.poll(width).toBe(before);
    await expect.poll(misfit).toBe(false);
  });

  it("draws figures after the page was reloaded while the kernel runs", async () => {
    // Unsaved outputs are gone with the page, and with them the scripts that the first figure brought.
    page.once("dialog", (dialog) => dialog.accept());
    await page.reload();
    const { cells, idle } = await openNotebook(page, lab, "week1-ingestion");
    await idle();
    const picture = cells.filter({ hasText: "minuteChart(minutes" });
    await picture.scrollIntoViewIfNeeded();
    await picture.locator(".cm-content").first().click();
    await page.keyboard.press("Control+Enter");
    const chart = picture.locator(".candlebook-chart .main-svg").first();
    await chart.waitFor({ timeout: PATIENT * 1_000 });
  });

  it("shows progress in the cell; an interrupt stops the work, and all is whole", async () => {
    lesson = await openNotebook(page, lab, "lesson");
    const { cells, counts, idle } = lesson;
    const before = await publishedTables(workspace);
    await page.keyboard.press("Shift+Enter");
    await until("the first cell has run", async () => (await counts())[0] !== null, PATIENT);
    await page.keyboard.press("Control+Enter");
    const progress = cells.nth(1).locator(".candlebook-progress");
    const seen = new Set<string>();
    await until(
      "the progress has moved",
      async () => {
        const [text] = await progress.allInnerTexts();
        if (text !== undefined) seen.add(text);
        return seen.size >= 3;
      },
      PATIENT,
    );
    await page.keyboard.press("i");
    await page.keyboard.press("i");
    await until("the cell has ended", async () => (await counts())[1] !== null, PATIENT);
    await idle();
    const told = await cells.nth(1).locator(".jp-OutputArea").innerText();
    expect(told.match(/Interrupted\./g)).toHaveLength(1);
    expect(told).not.toContain("It came to its end.");
    expect(told).not.toMatch(STACK);
    expect(await publishedTables(workspace)).toEqual(before);
    const { symbols } = await forecast(workspace, { models: ["naive"] });
    expect(symbols.length).toBeGreaterThan(0);
  });

  it("shows one clear error where a cell fails, with no stack of ours, and goes on", async () => {
    const { cells, counts, idle } = lesson;
    await page.keyboard.press("ArrowDown");
    await runAgain("the cell has ended", async () => (await counts())[2] !== null);
    await idle();
    const told = await cells.nth(2).locator(".jp-OutputArea").innerText();
    expect(told.match(/nothing/g)).toHaveLength(1);
    expect(told).toContain("CandlebookError: ");
    expect(told).not.toMatch(STACK);
    await page.keyboard.press("ArrowDown");
    await runAgain("the next cell has run", async () => (await counts())[3] !== null);
    const answer = cells.nth(3).locator(".jp-OutputArea");
    await expect.poll(() => answer.innerText()).toContain("The kernel still runs.");
  });

  it("did all that without a request to any other host", () => {
    const strangers = misdeeds.requests.filter((request) => !request.startsWith(lab.url));
    expect(strangers).toEqual([]);
  });
});

describe.skipIf(noKernels !== null)("a kernel, asked by an editor", () => {
  it("of Deno completes names of what is imported; of an import it has no values yet", async () => {
    const request = {
      kernel: "deno",
      cwd: join(PROJECT, "notebooks"),
      setup: `import * as candlebook from "candlebook";\nimport { readDays } from "candlebook";`,
      complete: ["candlebook.candleC", "readD", "import { candleC"],
      inspect: [],
    };
    const { complete } = JSON.parse((await answered(request)).stdout) as { complete: string[][] };
    expect(complete).toEqual([["candleChart"], ["readDays"], []]);
  });

  it("of tslab completes names, properties and options of candlebook, and shows types and docstrings", async () => {
    const request = {
      kernel: "tslab",
      cwd: join(PROJECT, "notebooks"),
      setup: `import * as candlebook from "candlebook";\nimport { openWorkspace, readDays } from "candlebook";\nconst workspace = await openWorkspace();`,
      complete: [
        "candlebook.candleC",
        "workspace.",
        "await readDays(workspace, { sy",
        "import { candleC",
        'import { assetOf, candleC‸ } from "candlebook";',
        "setTim",
        "d3",
      ],
      inspect: ["candlebook.readDays", "workspace"],
    };
    const { stdout } = await answered(request);
    const { complete, inspect } = JSON.parse(stdout) as { complete: string[][]; inspect: string[] };
    expect(complete[0]).toContain("candleChart");
    expect(complete[1]).toEqual(expect.arrayContaining(["clock", "resources", "root"]));
    expect(complete[2]).toContain("symbol");
    for (const words of complete.slice(3, 5)) expect(words).toContain("candleChart");
    expect(complete[5]).toContain("setTimeout");
    // Of no package that only happens to be installed.
    expect(complete[6]).not.toContain("d3");
    expect(inspect[0]).toMatch(/readDays\(workspace: .*Promise</s);
    expect(inspect[1]).toContain("Workspace");
  });
});

function answered(request: object) {
  const script = join(PROJECT, "testkit", "kernel_questions.py");
  const running = promisify(execFile)(PYTHON, [script], {
    env: { ...process.env, JUPYTER_PREFER_ENV_PATH: "1" },
  });
  running.child.stdin?.end(`${JSON.stringify(request)}\n`);
  return running;
}
