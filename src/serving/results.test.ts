import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayRow, dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { DailyCandle } from "../candle/candle.ts";
import type { Workspace } from "../core/workspace.ts";
import { addDays, type Day } from "../time/day.ts";
import { merge } from "./merge.ts";
import { resultRows } from "./resultRows.ts";
import { results } from "./results.ts";
import { RESULT_STATEMENTS } from "./resultsSql.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

async function serve(rows: readonly DailyCandle[]): Promise<void> {
  await putTable(workspace, "daily_batch", rows);
  await merge(workspace);
}

describe("results", () => {
  it("publishes a CSV for each question, and nothing the second time", async () => {
    await serve([...dayRows("2024-01-01", 40), ...dayRows("2024-01-01", 40, { symbol: "ETHUSDT" })]);
    const { files, published } = await results(workspace);
    expect(files.sort()).toEqual(
      Object.keys(RESULT_STATEMENTS)
        .map((name) => `${name}.csv`)
        .sort(),
    );
    expect(await readdir(join(workspace.root, "data_analysis", "results"))).toHaveLength(files.length);
    const text = await readFile(join(published.folder, "top_days_by_change.csv"), "utf8");
    expect(text.split("\n").slice(0, 2)).toEqual([
      "symbol,rank,day,open,close,change_percent",
      "BTCUSDT,1,2024-01-01,99,100,1.010101",
    ]);
    expect((await results(workspace)).skipped).toBe(true);
  });

  it("counts neither filled nor open days", async () => {
    await serve([
      dayRow("2024-01-01", 100, { volume: 10 }),
      dayRow("2024-01-04", 110, { volume: 20 }),
      dayRow("2024-01-05", 121, { volume: 30 }),
      dayRow("2024-02-01", 500, { volume: 999, complete: false }),
    ]);
    expect(await resultRows(workspace, "mean_volume_by_month")).toEqual([
      { symbol: "BTCUSDT", month: "2024-01", days: 3, mean_volume: 20 },
    ]);
    expect(await resultRows(workspace, "top_days_by_volume")).toMatchObject([
      { rank: 1, day: "2024-01-05", volume: 30 },
      { rank: 2, volume: 20 },
      { rank: 3, volume: 10 },
    ]);
    expect((await resultRows(workspace, "returns")).map((row) => row.return_percent)).toEqual([
      null,
      null,
      10,
    ]);
    expect(await resultRows(workspace, "mean_return_by_year")).toEqual([
      { symbol: "BTCUSDT", year: 2024, days: 1, mean_return_percent: 10, year_return_percent: 10 },
    ]);
  });

  it("equals plain sums: drawdown, volatility, correlation", async () => {
    const closes = fc.array(fc.integer({ min: 50, max: 150 }), { minLength: 40, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(closes, async (prices) => {
        const at = (symbol: string, price: (i: number) => number) =>
          prices.map((_, i) => dayRow(addDays("2023-12-20" as Day, i), price(i), { symbol }));
        const other = (i: number) => prices[(i * 7) % prices.length];
        await serve([...at("BTCUSDT", (i) => prices[i]), ...at("ETHUSDT", other)]);
        const btc = <Row extends { symbol: string }>(rows: Row[]) =>
          rows.filter((row) => row.symbol === "BTCUSDT");
        const peaks = prices.map((price, i) => price / Math.max(...prices.slice(0, i + 1)) - 1);
        const drawdown = btc(await resultRows(workspace, "drawdown"));
        expect(drawdown.map((row) => row.drawdown_percent)).toEqual(
          peaks.map((share) => expect.closeTo(100 * share, 5)),
        );
        const returns = prices.slice(1).map((price, i) => Math.log(price / prices[i]));
        const volatility = btc(await resultRows(workspace, "volatility"));
        expect(volatility.slice(0, 30).every((row) => row.volatility_percent === null)).toBe(true);
        expect(volatility[30].volatility_percent).toBeCloseTo(
          100 * deviation(returns.slice(0, 30)) * Math.sqrt(365),
          4,
        );
        const others = prices.slice(1).map((_, i) => Math.log(other(i + 1) / other(i)));
        const [all] = (await resultRows(workspace, "correlation")).filter((row) => row.year === "all");
        expect(all).toMatchObject({ symbol_a: "BTCUSDT", symbol_b: "ETHUSDT", days: returns.length });
        expect(all.correlation).toBeCloseTo(pearson(returns, others), 5);
      }),
      { numRuns: 8 },
    );
  });

  it("has no correlation, and no NaN, where a price never moves", async () => {
    const still = dayRows("2024-01-01", 40).map((row) => ({ ...row, close: 1, symbol: "USDCUSDT" }));
    await serve([...dayRows("2024-01-01", 40), ...still]);
    const [all] = await resultRows(workspace, "correlation");
    expect(all).toMatchObject({ days: 39, correlation: null });
    const { published, files } = await results(workspace);
    for (const file of files)
      expect(await readFile(join(published.folder, file), "utf8")).not.toMatch(/nan|inf/i);
  });

  it("asks for the timeline first", async () => {
    await expect(results(workspace)).rejects.toMatchObject({ code: "nothing_served", exit: 2 });
  });
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const products = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + (x - mean(a)) * (b[i] - mean(b)), 0);
const deviation = (values: readonly number[]) => Math.sqrt(products(values, values) / (values.length - 1));
const pearson = (a: readonly number[], b: readonly number[]) =>
  products(a, b) / Math.sqrt(products(a, a) * products(b, b));
