import { mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import { headOf } from "../../src/forecast/series.ts";
import { readDiary } from "../../src/forecasting/diaryScores.ts";
import { forecast } from "../../src/forecasting/forecast.ts";
import { readTable } from "../../src/lake/read.ts";
import { withLake } from "../../src/lake/session.ts";
import { commandLine } from "../../testkit/commandLine.ts";
import { publishInput } from "../../testkit/forecastInput.ts";
import { randomWalk } from "../../testkit/series.ts";

const market = randomWalk(1, 260);
const models = ["naive", "drift"];
let workspace: Workspace;
let now = Date.UTC(2020, 6, 19, 12);

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-diary-"));
  workspace = { root, clock: () => now, resources: { threads: 1, memory: "256MB" } };
});
afterEach(() => rm(workspace.root, { recursive: true }));

async function forecastOn(days: number, filled: readonly string[] = []) {
  now = Date.UTC(2020, 0, 1 + days, 12);
  await publishInput(workspace, [headOf(market, days)], { filled });
  return forecast(workspace, { models });
}

async function rows<Row>(sql: string): Promise<Row[]> {
  const table = await readTable(workspace, "forecast_diary");
  return withLake(workspace, {}, (lake) => lake.rows<Row>(sql.replace("DIARY", table!.sql)));
}

describe("the forecast diary", () => {
  it("keeps every forecast, and scores it as days arrive", async () => {
    const first = await forecastOn(200);
    expect(await readDiary(workspace)).toMatchObject([
      { symbol: "TESTUSDT", model: "drift", forecasts: 1, days: 0, pending: 30, mape: null, skill: null },
      { symbol: "TESTUSDT", model: "naive", forecasts: 1, days: 0, pending: 30, mape: null, skill: null },
    ]);
    await forecastOn(210);
    const [drift, naive] = await readDiary(workspace);
    expect(drift).toMatchObject({ forecasts: 2, days: 10, pending: 50, firstCutoff: market.days[199] });
    expect(naive).toMatchObject({ days: 10, lastCutoff: market.days[209], skill: 0 });
    const { steps } = first.symbols[0].forecasts[1];
    const errors = steps.slice(0, 10).map(({ yhat }, i) => {
      const actual = market.close[200 + i];
      return (100 * Math.abs(actual - yhat)) / actual;
    });
    expect(drift.mape).toBeCloseTo(errors.reduce((a, b) => a + b) / 10, 10);
    const told = await commandLine(
      "status",
      "--workspace",
      workspace.root,
      "--now",
      new Date(now).toISOString(),
    );
    expect(told.out).toMatch(/Published forecasts and their scores so far:/);
    expect(told.out).toMatch(/TESTUSDT +drift +2 +2020-07-18 +10 +50 +\d/);
    await forecastOn(240);
    expect((await readDiary(workspace))[0]).toMatchObject({ forecasts: 3, days: 60, pending: 30 });
    const published = await rows<{ published: string }>("SELECT DISTINCT published FROM DIARY ORDER BY 1");
    expect(published.map((row) => row.published.slice(0, 10))).toEqual([
      "2020-07-19",
      "2020-07-29",
      "2020-08-28",
    ]);
  });

  it("holds a forecast from the same days once, and one from corrected days beside it", async () => {
    await forecastOn(200);
    const [before] = await rows<{ published: string }>("SELECT min(published) AS published FROM DIARY");
    now += 86_400_000;
    await forecast(workspace, { models: ["naive", "drift", "seasonal_naive"], publish: true });
    expect((await readDiary(workspace)).map(({ model, forecasts }) => [model, forecasts])).toEqual([
      ["drift", 1],
      ["naive", 1],
      ["seasonal_naive", 1],
    ]);
    const [after] = await rows<{ published: string }>("SELECT min(published) AS published FROM DIARY");
    expect(after).toEqual(before);
    const corrected = headOf(market, 200);
    corrected.close[150] *= 1.01;
    await publishInput(workspace, [
      { ...corrected, symbol: "TESTUSDT" },
      headOf(randomWalk(2, 99, "ZZUSDT"), 99),
    ]);
    await forecast(workspace, { models, publish: true });
    const scores = await readDiary(workspace);
    expect(scores.find(({ model, symbol }) => symbol === "TESTUSDT" && model === "naive")?.forecasts).toBe(2);
  });

  it("takes no filled day for an outcome", async () => {
    await forecastOn(200);
    await forecastOn(210, [market.days[204]]);
    expect((await readDiary(workspace))[0]).toMatchObject({ days: 9, pending: 51 });
  });

  it("is made up for after a stop between the forecasts and it, and says when it is damaged", async () => {
    await forecastOn(200);
    await rm(join(workspace.root, "data_analysis", "forecast_diary"));
    expect(await readDiary(workspace)).toEqual([]);
    expect((await forecast(workspace, { models })).skipped).toBe(true);
    expect(await readDiary(workspace)).toHaveLength(2);
    const { folder } = (await readTable(workspace, "forecast_diary"))!;
    await truncate(join(folder, "part-0.parquet"), 100);
    await expect(readDiary(workspace)).rejects.toMatchObject({ code: "damaged_diary", exit: 1 });
    await expect(forecastOn(210)).rejects.toMatchObject({ code: "damaged_diary" });
  });
});
