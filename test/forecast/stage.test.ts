import { mkdtemp, readdir, readFile, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { forecastText } from "../../src/cli/forecast.ts";
import type { ProgressEvent } from "../../src/core/progress.ts";
import { inEnglish } from "../../src/core/text.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { quantileIndex } from "../../src/forecast/forecaster.ts";
import { MODEL_NAMES } from "../../src/forecast/registry.ts";
import { headOf } from "../../src/forecast/series.ts";
import { realizedRange } from "../../src/forecast/volatility/realizedRange.ts";
import { seriesOf } from "../../src/forecasting/evaluate.ts";
import { forecast } from "../../src/forecasting/forecast.ts";
import { readTable } from "../../src/lake/read.ts";
import { withLake } from "../../src/lake/session.ts";
import { headlinesOf } from "../../src/report/headline.ts";
import { addDays } from "../../src/time/day.ts";
import { publishClean, publishInput } from "../../testkit/forecastInput.ts";
import { binanceDaily, dataFolder } from "../../testkit/realSeries.ts";
import { randomWalk, withGap } from "../../testkit/series.ts";
import { dayRow, putTable } from "../../testkit/tables.ts";

const data = dataFolder();
let workspace: Workspace;

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-forecast-"));
  workspace = { root, clock: () => Date.UTC(2026, 7, 22), resources: { threads: 2, memory: "512MB" } };
});
afterEach(() => rm(workspace.root, { recursive: true }));

const workers = () => process.getActiveResourcesInfo().filter((name) => name === "MessagePort").length;

async function count(table: string): Promise<unknown> {
  const version = await readTable(workspace, table);
  return withLake(workspace, {}, (lake) =>
    lake.rows(`SELECT symbol, count(DISTINCT model)::INTEGER AS models, count(*)::INTEGER AS rows
      FROM ${version?.sql} GROUP BY symbol ORDER BY symbol`),
  );
}

describe("a forecast beside a published one", () => {
  const models = ["naive", "drift"];
  const versions = async () =>
    Promise.all(
      ["prophet_forecasts", "prophet_metrics", "risk_forecasts", "forecast_diary"].map(
        async (table) => (await readTable(workspace, table))?.manifest.id,
      ),
    );

  it.each([
    [{ horizon: 7, models }, "a horizon of 30 days"],
    [{ models: ["naive", "theta"] }, "the models drift, naive"],
    [{ models, symbols: ["TESTUSDT"] }, "all symbols"],
  ])("with %j is shown, and replaces it only when that is wanted", async (other, kept) => {
    await publishInput(workspace, [randomWalk(1, 400), randomWalk(2, 400, "ETHUSDT")]);
    const first = await forecast(workspace, { models });
    expect(first).toMatchObject({ published: true, publication: { en: "Published." } });
    const before = await versions();
    const shown = await forecast(workspace, other);
    expect(shown.published).toBe(false);
    expect(shown.publication.en).toContain(`the published forecast has ${kept}`);
    expect(await versions()).toEqual(before);
    expect(await forecast(workspace, { models })).toMatchObject({ skipped: true, published: true });

    const wanted = await forecast(workspace, { ...other, publish: true });
    expect(wanted.publication.en).toContain(`in the place of a forecast with ${kept}`);
    const seen = ({ symbols, risk }: typeof shown) => ({
      risk,
      scores: symbols.map(({ scores }) => scores),
      quantiles: symbols.map(({ forecasts }) =>
        forecasts.map(({ model, steps }) => [model, steps.map(({ quantiles }) => quantiles)]),
      ),
    });
    expect(seen(wanted)).toEqual(seen(shown));
    expect(await versions()).not.toEqual(before);
  });

  it("with the same models in another order, and every symbol by its name, is the same", async () => {
    await publishInput(workspace, [randomWalk(1, 400)]);
    await forecast(workspace, { models });
    const again = await forecast(workspace, { models: models.toReversed(), symbols: ["TESTUSDT"] });
    expect(again.publication.en).toBe("Published.");
  });
});

describe("the forecast stage", () => {
  it.skipIf(data === null)("publishes every model of two real symbols with its backtest", async () => {
    // Of the first days alone: targets.test.ts and table.test.ts score the models on all cutoffs.
    const cutoffs = 8;
    const days = 1_096 + 30 * cutoffs;
    const series = (["BTCUSDT", "ETHUSDT"] as const).map((symbol) =>
      headOf(binanceDaily(data!, symbol), days),
    );
    await publishInput(workspace, series);
    const events: ProgressEvent[] = [];
    const result = await forecast(workspace, {}, { progress: (event) => events.push(event) });
    const models = MODEL_NAMES.length;
    expect(events.filter(({ stage }) => stage === "evaluate")).toHaveLength(2 * models * cutoffs);
    expect(await count("prophet_forecasts")).toEqual([
      { symbol: "BTCUSDT", models, rows: models * 30 },
      { symbol: "ETHUSDT", models, rows: models * 30 },
    ]);
    expect(await count("forecast_quantiles")).toEqual([
      { symbol: "BTCUSDT", models, rows: models * 30 * 21 * (cutoffs + 1) },
      { symbol: "ETHUSDT", models, rows: models * 30 * 21 * (cutoffs + 1) },
    ]);
    expect(result.risk.map(({ symbol, model, cutoff }) => [symbol, model, cutoff])).toEqual(
      series.map(({ symbol, days }) => [symbol, "har", days[days.length - 1]]),
    );
    const windows = ["combination", "ewma", "garch", "har"].flatMap((m) =>
      [1, 7, 30].map((h) => `${m} ${h}`),
    );
    for (const { latest, nextDay, cutoff } of result.risk) {
      expect(latest.map(({ model, steps_ahead }) => `${model} ${steps_ahead}`)).toEqual(windows);
      expect(nextDay.map((row) => row.cutoff)).toEqual(
        Array.from({ length: 366 }, (_, i) => addDays(cutoff, i - 365)),
      );
    }
    for (const { scores, forecasts, ceiling, leftOut } of result.symbols) {
      expect(scores.map((score) => [score.model, score.cutoffs])).toEqual(
        MODEL_NAMES.map((m) => [m, cutoffs]),
      );
      expect(scores.every(({ skill }) => skill !== null)).toBe(true);
      expect(forecasts.map(({ model }) => model)).toEqual(MODEL_NAMES);
      expect(forecasts.every(({ steps }) => steps.length === 30)).toBe(true);
      expect(ceiling).toMatchObject({ leaked: true, cutoffs });
      expect(leftOut).toEqual([]);
    }
    const metrics = await readTable(workspace, "prophet_metrics");
    const lines = (await readFile(join(metrics!.folder, "metrics.csv"), "utf8")).trim().split("\n");
    expect(lines).toHaveLength(1 + 2 * (models + 1));
    expect(lines.filter((line) => line.endsWith(",true"))).toHaveLength(2);
    expect(await forecast(workspace)).toEqual({ ...result, skipped: true });
  });

  it("stops when aborted: no worker is left, nothing is published, and the next run goes on", async () => {
    const models = ["naive", "random_walk_ensemble", "ets", "prophet"];
    await publishInput(workspace, [randomWalk(1, 700), randomWalk(2, 500, "OTHERUSDT")]);
    const before = workers();
    const controller = new AbortController();
    const progress = ({ done }: ProgressEvent) => done === 20 && controller.abort();
    const run = forecast(workspace, { models }, { progress, signal: controller.signal });
    await expect(run).rejects.toMatchObject({
      code: "interrupted",
      exit: 130,
    });
    expect(workers()).toBe(before);
    expect(await readTable(workspace, "prophet_metrics")).toBeNull();
    const { symbols } = await forecast(workspace, { models });
    expect(symbols.map(({ symbol }) => symbol)).toEqual(["OTHERUSDT", "TESTUSDT"]);
    expect(workers()).toBe(before);
  });

  it("remembers what it forecast from the same days, and believes no damaged answer", async () => {
    const models = ["naive", "ets"];
    await publishInput(workspace, [randomWalk(1, 600)]);
    const first = await forecast(workspace, { models });
    const folder = join(workspace.root, "data", ".forecasts");
    const names = await readdir(folder);
    // Two models, each with a backtest and the published forecast.
    expect(names).toHaveLength(4);
    await Promise.all(names.slice(0, 2).map((name) => truncate(join(folder, name), 900)));
    for (const table of [
      "prophet_metrics",
      "prophet_forecasts",
      "prophet_results",
      "forecast_quantiles",
      "risk_forecasts",
    ]) {
      await rm(join(workspace.root, "data_analysis", table));
      await rm(join(workspace.root, "data_analysis", ".versions", table), { recursive: true });
    }
    const again = await forecast(workspace, { models });
    expect(again).toEqual(first);
    expect(await readdir(folder)).toEqual(names);
  });

  it("gives the report what it opens with", async () => {
    const market = randomWalk(1, 400);
    await publishInput(workspace, [market]);
    expect(await headlinesOf(workspace, workspace.clock(), {})).toEqual([]);
    const served = market.days.map((day, i) => dayRow(day, market.close[i], { symbol: market.symbol }));
    await putTable(workspace, "daily_filled", served);
    await forecast(workspace, { models: ["naive", "prophet", "random_walk_ensemble"] });
    const openings = await headlinesOf(workspace, Date.parse("2021-02-04T12:00:00Z"), {});
    const [opening] = JSON.parse(JSON.stringify(openings, inEnglish));
    expect(opening.title).toBe("TESTUSDT");
    expect(opening.verdict).toMatch(
      /^With a probability of 80 %, TESTUSDT closes between [\d,.]+ and [\d,.]+ USDT on 2021-03-05, 30 days after its last close of [\d,.]+ on 2021-02-03 \(UTC, 12 hours old\); in the backtest such bands of random_walk_ensemble held on \d+ % of the days\.$/,
    );
    expect(opening.picture).toContain("testusdt-outlook");
    const [bands, diary] = opening.tables.map((table: string) =>
      table.split("<tr").map((row) => [...row.matchAll(/<td[^>]*>([^<]*)/g)].map(([, cell]) => cell)),
    );
    expect(bands.slice(2).map(([ahead]: string[]) => ahead)).toEqual(["1", "7", "30"]);
    // No day of the forecast has come: the diary has nothing to say.
    expect(diary).toEqual([[]]);
    const [sentence, moves, tails, past] = opening.lines;
    expect(sentence).toContain("than yesterday's price over 8 windows");
    expect(moves).toMatch(
      /^Risk \(har\): standard deviation [\d.]+ % the next day, [\d.]+ % in 7 days, [\d.]+ % in 30 days\.$/,
    );
    expect(tails).toMatch(/^Value at risk of the next day, 95 %: −[\d.]+ and \+[\d.]+ %/);
    expect(past).toMatch(/^Since 2020-02-01: QLIKE .* below EWMA's at 1, 7, 30 days; .* of 2 rejected/);
  });

  it("knows a day's variance from its clean minutes, and forecasts anew when they change", async () => {
    const market = randomWalk(1, 300);
    await publishInput(workspace, [market]);
    // One candle stands for an hour's minutes. The day's open, high, low and close are the same, calm or wild.
    const hoursOf = (day: number, wild: boolean) => {
      const [open, high, low, close] = [market.open, market.high, market.low, market.close].map(
        (f) => f[day],
      );
      return Array.from({ length: 24 }, (_, hour) => ({
        openTime: Date.parse(market.days[day]) + hour * 3_600_000,
        ...(wild || hour === 23 ? { open, high, low } : { open, high: open, low: open }),
        close: hour === 23 ? close : open,
      }));
    };
    const publishMinutes = (wildFrom: number) => {
      const candles = market.days.flatMap((_, day) => hoursOf(day, day >= wildFrom));
      return publishClean(workspace, market.symbol, candles.toSpliced(24 * 100 + 7, 1));
    };
    const models = ["naive", "random_walk_ensemble"];
    const bandOf = async () => {
      const { symbols, skipped } = await forecast(workspace, { models, horizon: 1 });
      const { quantiles } = symbols[0].forecasts[1].steps[0];
      return { width: Math.log(quantiles[quantileIndex(0.9)] / quantiles[quantileIndex(0.1)]), skipped };
    };
    const plain = await bandOf();
    await publishMinutes(290);
    const { series } = await seriesOf(workspace, ["TESTUSDT"]);
    const { variance } = series[0];
    expect(variance?.[100]).toBeNaN();
    expect(variance?.[99]).toBeCloseTo(realizedRange(hoursOf(99, false)), 12);
    expect(variance?.[299]).toBeCloseTo(realizedRange(hoursOf(299, true)), 12);
    const wild = await bandOf();
    expect(wild.skipped).toBe(false);
    expect(wild.width).toBeGreaterThan(1.05 * plain.width);
    expect(await bandOf()).toEqual({ ...wild, skipped: true });
    await publishMinutes(300);
    expect((await bandOf()).width).toBeLessThan(wild.width);
  });

  it("refuses a symbol with too short a history by itself", async () => {
    await publishInput(workspace, [randomWalk(1, 400), randomWalk(2, 59, "YOUNGUSDT")]);
    const { symbols, refused } = await forecast(workspace, { models: ["naive", "drift"] });
    expect(symbols.map(({ symbol }) => symbol)).toEqual(["TESTUSDT"]);
    expect(refused).toMatchObject([{ symbol: "YOUNGUSDT", code: "series_too_short" }]);
  });

  it.each([
    [{ horizon: 0 }, "bad_horizon"],
    [{ models: ["drift"] }, "no_naive"],
    [{ models: ["naive", "delphi"] }, "unknown_model"],
    [{ symbols: ["NOPEUSDT"] }, "unknown_symbol"],
  ])("refuses %j", async (options, code) => {
    await publishInput(workspace, [randomWalk(1, 200)]);
    await expect(forecast(workspace, options)).rejects.toMatchObject({ code, exit: 2 });
  });
});

it("counts filled days for nothing, and says how many they are", async () => {
  const market = withGap(randomWalk(9, 500), 150, 400);
  await publishInput(workspace, [market], { filled: market.days.filter((_, i) => market.filled?.[i] === 1) });
  const { series } = await seriesOf(workspace);
  expect(series[0].filled).toEqual(market.filled);
  const result = await forecast(workspace, { horizon: 7, models: ["naive", "random_walk_ensemble"] });
  const [{ filled, scored, scores, forecasts }] = result.symbols;
  expect({ filled, scored }).toMatchObject({ filled: { days: 250 }, scored: true });
  expect(scores[0].byStep[0].mape).toBeGreaterThan(1);
  expect(forecastText(workspace, result)).toContain("250 filled days (no source has them) count for nothing");
  for (const { steps } of forecasts) expect(new Set(steps[0].quantiles).size).toBe(21);
  expect(await forecast(workspace, { horizon: 7, models: ["naive", "random_walk_ensemble"] })).toEqual({
    ...result,
    skipped: true,
  });
});
