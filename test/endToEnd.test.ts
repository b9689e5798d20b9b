import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DailyCandle } from "../src/candle/candle.ts";
import type { CandlebookError } from "../src/core/errors.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { WEEKS } from "../src/course/weeks.ts";
import { readForecasts } from "../src/forecasting/readForecasts.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import type { NotebookOptions } from "../src/notebooks/notebookTasks.ts";
import { runNotebooks } from "../src/notebooks/runNotebooks.ts";
import { readDays } from "../src/serving/readDays.ts";
import { resultRows } from "../src/serving/resultRows.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { candlebook, PROJECT } from "../testkit/candlebook.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";
import { againstGolden } from "../testkit/golden.ts";
import { meaningOf } from "../testkit/notebookMeaning.ts";
import { simulatedRun, simulatedWords } from "../testkit/simulatedRun.ts";

/** The exchange's own daily candles: prices and volume by symbol and day. */
async function exchangeDays(): Promise<Map<string, [prices: string, volume: number]>> {
  const days = new Map<string, [string, number]>();
  for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
    const text = await readFile(recorded(`daily/${symbol}_1d.csv`), "utf8");
    for (const line of text.trim().split("\n").slice(1)) {
      const [openTime, open, high, low, close, volume] = line.split(",").map(Number);
      const day = new Date(openTime).toISOString().slice(0, 10);
      days.set(`${symbol} ${day}`, [[open, high, low, close].join(), volume]);
    }
  }
  return days;
}

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "candlebook-whole-way-"));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

interface RunJson {
  source: string;
  stages: { stage: string; skipped: boolean; note: string; seconds: number }[];
  balance: { in: number; kept: number; duplicates: number; rejected: number };
  rows: number;
  report: string;
}

async function runJson(words: readonly string[], env: Record<string, string> = {}): Promise<RunJson> {
  const { out, err, exit } = await candlebook(["run", "--json", "--quiet", ...words], env);
  if (exit !== 0) throw new Error(`exit ${exit}: ${out}${err}`);
  return JSON.parse(out) as RunJson;
}

const lakeOf = (root: string): Workspace => ({
  root,
  clock: () => 0,
  resources: { threads: 2, memory: "512MB" },
});

/** How many outputs of executed notebooks name a folder of this machine. */
async function leaks(root: string): Promise<string[]> {
  const folder = join(root, "report", "notebooks");
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => /\.\w+$/.test(name)).map((name) => join(folder, name));
  const texts = await Promise.all(
    [...files, join(root, "report", "index.html")].map((file) => readFile(file, "utf8")),
  );
  const folders = [scratch, PROJECT, homedir()];
  return texts.flatMap((text) => folders.filter((folder) => text.includes(`${folder}/`)));
}

describe.skipIf(noRecordedData)(`the whole way on real minutes ${noRecordedData ?? ""}`, () => {
  const now = "2025-08-19T00:00:00Z";

  let root: string;
  let first: RunJson;
  // No hole is closed, with a network or without.
  const OFFLINE = ["--rest-url", "http://exchange.invalid"];
  const words = () => ["--workspace", root, "--now", now, ...OFFLINE];
  const executed = (name: string, ...folder: string[]) =>
    join(root, "report", "notebooks", ...folder, `${name}.ipynb`);

  // What every case looks at: any of them can be run alone.
  beforeAll(async () => {
    root = join(scratch, "real");
    first = await runJson(["--csv", recorded("minute/2025-05-20_90d"), ...words()]);
  });

  it("goes from two files to the report on the tslab kernel, and does nothing the second time", async () => {
    const { in: read, kept, duplicates, rejected } = first.balance;
    expect(read).toBe(261_416);
    expect(read).toBe(kept + duplicates + rejected);
    expect(first).toMatchObject({ source: "csv", report: "report/index.html" });
    expect(first.stages.find(({ stage }) => stage === "forecast")?.note).toContain("unscored");
    const page = await readFile(join(root, "report", "index.html"), "utf8");
    expect(page).toContain("which the history is too short to judge");
    expect(page).toMatch(/last close of [\d,.]+ on 2025-08-17 \(UTC, \d+ (hours|days) old\)/);

    const second = await runJson(words());
    expect(second.stages.filter(({ skipped }) => !skipped)).toEqual([]);
    expect(second.rows).toBe(first.rows);
    expect(await leaks(root)).toEqual([]);
  });

  it("shows in every notebook the numbers and figures that were frozen", async () => {
    const differences: string[] = [];
    for (const { notebook: name } of WEEKS) {
      differences.push(...(await againstGolden(`notebooks/${name}.json`, await meaningOf(executed(name)))));
    }
    expect(differences).toEqual([]);
  });

  it("shows the tables' own days in a figure", async () => {
    const workspace = lakeOf(root);
    const { days } = await readDays(workspace, { symbol: "BTCUSDT", table: "daily_batch" });
    const { picture } = await meaningOf(executed("week3-daily-and-backfill"));
    const candles = picture.figures[0].find(({ type }) => type === "candlestick");
    const closes = days.reduce((sum, { close }) => sum + close, 0);
    expect(candles?.series.close).toEqual({ length: days.length, sum: expect.closeTo(closes, 4) });
    expect(candles?.series.x).toMatchObject({ first: days[0].day, last: days.at(-1)?.day });
  });

  it("runs notebooks for a symbol into a folder of its own, once, and leaves the others alone", async () => {
    const workspace = await openWorkspace({ root, now, threads: 2, memory: "512MB" });
    const own = await readFile(executed("week3-daily-and-backfill"));
    const options = { only: "week3", set: { symbol: "BTCUSDT,ETHUSDT", lastDays: "30" }, atOnce: 2 };
    const runs = await runNotebooks(workspace, options);
    expect(runs.map(({ symbol, path, skipped }) => [symbol, path, skipped])).toEqual([
      ["BTCUSDT", "report/notebooks/BTCUSDT/week3-daily-and-backfill.ipynb", false],
      ["ETHUSDT", "report/notebooks/ETHUSDT/week3-daily-and-backfill.ipynb", false],
    ]);
    const shown = await meaningOf(executed("week3-daily-and-backfill", "ETHUSDT"));
    expect(shown.parameters.sentences[0].words).toContain("ETHUSDT");
    expect(shown.parameters.sentences[0].numbers).toEqual([30]);
    expect(await leaks(root)).toEqual([]);
    const again = await runNotebooks(workspace, options);
    expect(again.every(({ skipped }) => skipped)).toBe(true);
    expect(await readFile(executed("week3-daily-and-backfill"))).toEqual(own);
    expect((await runNotebooks(workspace)).every(({ skipped }) => skipped)).toBe(true);
  });

  it("runs week 5 beside a consumer, and its figures show the tables' own rows", async () => {
    const workspace = await openWorkspace({ root, now, threads: 2, memory: "512MB" });
    const topic = await openTopic(workspace);
    const controller = new AbortController();
    let ended = false;
    const consumer = consume(workspace, topic, {}, { signal: controller.signal })
      .catch((error: { code?: string }) => error.code)
      .finally(() => {
        ended = true;
      });
    const runs = await runNotebooks(workspace, { only: "week5", set: { symbol: "ETHUSDT" } });
    expect(runs).toMatchObject([{ skipped: false }]);
    expect(ended).toBe(false);
    await expect(consume(workspace, topic, { once: true })).rejects.toMatchObject({ code: "table_locked" });
    controller.abort();
    expect(await consumer).toBe("interrupted");
    await topic.close();

    const week5 = await meaningOf(executed("week5-merge", "ETHUSDT"));
    const [drawdown, volatility] = week5.risk.figures;
    const falls = await resultRows(workspace, "drawdown");
    const sums = ["BTCUSDT", "ETHUSDT"].map((symbol) => {
      const own = falls.filter((row) => row.symbol === symbol).map((row) => Number(row.drawdown_percent));
      return {
        length: own.length,
        sum: expect.closeTo(
          own.reduce((a, b) => a + b, 0),
          6,
        ),
      };
    });
    expect(drawdown.map(({ series }) => series.y)).toEqual(sums);
    expect(volatility).toHaveLength(2);
    const words = JSON.stringify(week5["moving-together"]);
    expect(words).toContain("needs two symbols and # returns");
    expect(words).toContain("Daily returns");
  });

  it("runs week 6 with another horizon, once, nothing of the weeks before it, and publishes nothing", async () => {
    const workspace = await openWorkspace({ root, now, threads: 2, memory: "512MB" });
    const options = { only: "week6", set: { horizon: "14", symbol: "ETHUSDT" } };
    expect(await runNotebooks(workspace, options)).toMatchObject([{ skipped: false }]);
    const { symbols } = await readForecasts(workspace);
    expect(symbols.map(({ forecasts }) => forecasts[0].steps.length)).toEqual([30, 30]);
    expect(await runNotebooks(workspace, options)).toMatchObject([{ skipped: true }]);
    const before = await runNotebooks(workspace, { only: "week5" });
    expect(before).toMatchObject([{ skipped: true }]);
  });

  it("refuses what notebooks can't use", async () => {
    const workspace = await openWorkspace({ root, now, threads: 2, memory: "512MB" });
    const refused = async (options: NotebookOptions) =>
      runNotebooks(workspace, options).then(
        () => null,
        (error: CandlebookError) => error,
      );
    expect(await refused({ only: "week99" })).toMatchObject({ code: "no_such_notebook", exit: 2 });
    expect(await refused({ set: { colour: "red" } })).toMatchObject({ code: "no_such_parameter", exit: 2 });
    expect(await refused({ set: { symbol: "../ETHUSDT" } })).toMatchObject({ code: "bad_symbol", exit: 2 });
    expect(await refused({ only: "week1", set: { symbol: "DOGEUSDT" } })).toMatchObject({
      code: "cell_failed",
      message: expect.stringContaining("There is no DOGEUSDT in this workspace."),
    });
  });

  it.each(["2025-05-20_90d", "2024-12-30_30d_ms_to_us"])(
    "makes the exchange's own daily candles of %s",
    async (folder) => {
      const root = join(scratch, folder);
      const words = ["--csv", recorded("minute", folder), "--workspace", root, "--until", "daily"];
      const env = { TZ: folder.startsWith("2024") ? "Asia/Ho_Chi_Minh" : "UTC" };
      await runJson([...words, "--now", "2026-01-01T00:00:00Z"], env);
      const batch = await readTable(lakeOf(root), "daily_batch");
      const rows = await withLake(lakeOf(root), {}, (lake) =>
        lake.rows<DailyCandle>(
          `SELECT * REPLACE (day::VARCHAR AS day) FROM ${batch?.sql} WHERE minutes = 1440`,
        ),
      );
      const exchange = await exchangeDays();
      const found = { days: rows.length, prices: 0, volumes: 0 };
      for (const { symbol, day, open, high, low, close, volume } of rows) {
        const [prices, traded] = exchange.get(`${symbol} ${day}`) ?? ["", 0];
        if (prices === [open, high, low, close].join()) found.prices += 1;
        if (Math.abs((volume ?? 0) / traded - 1) <= 1e-9) found.volumes += 1;
      }
      const days = folder.startsWith("2024") ? 58 : 180;
      expect(found).toEqual({ days, prices: days, volumes: days });
    },
  );
});

describe("a file that doesn't tell its symbol", () => {
  it("is refused with the words that help, and taken with them", async () => {
    const file = join(scratch, "candles.csv");
    const minute = (i: number) => `${1_735_689_600 + 60 * i},100,101,99,${100 + (i % 2)},1.5`;
    const lines = [
      "timestamp,open,high,low,close,volume",
      ...Array.from({ length: 3_000 }, (_, i) => minute(i)),
    ];
    await writeFile(file, lines.join("\n"));
    const words = ["run", "--until", "merge", "--workspace", join(scratch, "named"), "--now", "2025-02-01"];
    const refused = await candlebook([...words, "--csv", file]);
    expect(refused.exit).toBe(2);
    expect(refused.err).toContain("path: BTCUSDT=");
    expect(await candlebook([...words, "--csv", `BTCUSDT=${file}`])).toMatchObject({ exit: 0 });
  });
});

/** The standing questions, as week 5 shows them: tables by caption, pictures by title. */
const ANSWERS = [
  "The largest changes from open to close",
  "The largest volumes",
  "Mean volume by month",
  "Mean daily return, and the whole year",
  "Correlation of the daily returns",
  "Daily returns",
  "Correlation of the daily returns, last 90 days",
  "BTCUSDT and ETHUSDT: drawdown",
  "BTCUSDT and ETHUSDT: volatility of the last 30 days",
  "BTCUSDT and ETHUSDT: prices",
];

describe("the whole way on the simulated market", () => {
  it("goes from an empty workspace to a report that says so everywhere, on the Deno kernel", async () => {
    const { asked, root, json } = await simulatedRun();
    const done = json as unknown as RunJson;
    expect(done).toMatchObject({ source: "simulated", workspace: "simulated" });
    expect(done.stages.find(({ stage }) => stage === "forecast")?.note).toMatch(/scored on \d+ windows/);
    expect(done.stages.find(({ stage }) => stage === "notebooks")?.note).toBe("8 of 8 run");
    const page = await readFile(join(root, "report", "index.html"), "utf8");
    expect(page).toMatch(/SIMULATED/);
    for (const shown of ANSWERS) expect(page).toContain(shown);
    expect(await leaks(root)).toEqual([]);
    const figures = await readdir(join(root, "data_analysis", "prophet_visualizations"));
    const fared = ["actual", "coverage", "error_by_step", "error_by_year", "scores"];
    const forms = ["forecast", "components", ...fared].flatMap((name) =>
      ["html", "svg", "png"].map((form) => `btc_${name}.${form}`),
    );
    expect(forms.filter((name) => !figures.includes(name))).toEqual([]);

    const { out } = await candlebook(simulatedWords(asked));
    const again = JSON.parse(out) as RunJson;
    expect(again.stages.filter(({ skipped }) => !skipped)).toEqual([]);

    const mixed = await candlebook(["ingest", "--workspace", root, "--json", join(scratch, "anything.csv")]);
    expect(mixed.exit).toBe(2);
    expect(JSON.parse(mixed.out).error.code).toBe("mixed_markets");
    await rm(asked, { recursive: true, force: true });
  });
});
