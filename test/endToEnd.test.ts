import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DailyCandle } from "../src/candle/candle.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { candlebook, PROJECT } from "../testkit/candlebook.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";

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
  stages: { stage: string; skipped: boolean; note: string }[];
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
  const files = (await readdir(join(root, "report", "notebooks"))).map((name) =>
    join(root, "report", "notebooks", name),
  );
  const texts = await Promise.all(
    [...files, join(root, "report", "index.html")].map((file) => readFile(file, "utf8")),
  );
  const folders = [scratch, PROJECT, homedir()];
  return texts.flatMap((text) => folders.filter((folder) => text.includes(`${folder}/`)));
}

describe.skipIf(noRecordedData)(`the whole way on real minutes ${noRecordedData ?? ""}`, () => {
  const now = "2025-08-19T00:00:00Z";

  it("goes from two files to the report, and does nothing the second time", async () => {
    const root = join(scratch, "real");
    const words = ["--csv", recorded("minute/2025-05-20_90d"), "--workspace", root, "--now", now];
    const first = await runJson(words);
    const { in: read, kept, duplicates, rejected } = first.balance;
    expect(read).toBe(261_416);
    expect(read).toBe(kept + duplicates + rejected);
    expect(first).toMatchObject({ source: "csv", report: "report/index.html" });
    expect(first.stages.find(({ stage }) => stage === "forecast")?.note).toContain("unscored");

    const second = await runJson(["--workspace", root, "--now", now]);
    expect(second.stages.filter(({ skipped }) => !skipped)).toEqual([]);
    expect(second.rows).toBe(first.rows);
    expect(await leaks(root)).toEqual([]);
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
    expect(refused.err).toContain("--csv BTCUSDT=");
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
    const asked = join(scratch, "empty");
    const done = await runJson(["--or-simulated", "--workspace", asked, "--kernel", "deno"]);
    expect(done).toMatchObject({ source: "simulated", workspace: "simulated" });
    expect(done.stages.find(({ stage }) => stage === "forecast")?.note).toMatch(/scored on \d+ windows/);
    const root = join(asked, "simulated");
    const page = await readFile(join(root, "report", "index.html"), "utf8");
    expect(page).toMatch(/SIMULATED/);
    for (const shown of ANSWERS) expect(page).toContain(shown);
    expect(await leaks(root)).toEqual([]);

    const again = await runJson(["--or-simulated", "--workspace", asked, "--kernel", "deno"]);
    expect(again.stages.filter(({ skipped }) => !skipped)).toEqual([]);

    const mixed = await candlebook(["ingest", "--workspace", root, "--json", join(scratch, "anything.csv")]);
    expect(mixed.exit).toBe(2);
    expect(JSON.parse(mixed.out).error.code).toBe("mixed_markets");
  });
});
