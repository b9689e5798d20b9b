import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import type { Series } from "../../src/forecast/forecaster.ts";
import { MODELS_VERSION } from "../../src/forecast/registry.ts";
import { headOf } from "../../src/forecast/series.ts";
import { forecast } from "../../src/forecasting/forecast.ts";
import { withoutNeeded } from "../../src/forecasting/neededInput.ts";
import { remakeForecasts } from "../../src/forecasting/remake.ts";
import { planPrune, pruneTable } from "../../src/lake/history/prune.ts";
import { listVersions } from "../../src/lake/history/versions.ts";
import { readTable } from "../../src/lake/read.ts";
import { withLake } from "../../src/lake/session.ts";
import type { EpochMs } from "../../src/time/epoch.ts";
import { commandLine } from "../../testkit/commandLine.ts";
import { forecastIntoDiary } from "../../testkit/diary.ts";
import { publishInput } from "../../testkit/forecastInput.ts";
import { randomWalk } from "../../testkit/series.ts";
import { putTable, scratchWorkspace } from "../../testkit/tables.ts";

const market = randomWalk(1, 260);
const DAY = 86_400_000;
const noon = (days: number) => Date.UTC(2020, 0, 1 + days, 12);

let workspace: Workspace;
let now: number;
beforeEach(async () => {
  workspace = { ...(await scratchWorkspace()), clock: () => now };
});
afterEach(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

async function forecastOn(days: number, series: Series = market): Promise<void> {
  now = noon(days);
  await forecastIntoDiary(workspace, [headOf(series, days)], { models: ["naive", "theta"], horizon: 5 });
}

/** The market with another close on a day: what was known before can't be had from what is known now. */
function corrected(): Series {
  const series = headOf(market, 260);
  series.close[150] *= 1.001;
  return series;
}

const typed = (...words: string[]) =>
  commandLine(...words, "--workspace", workspace.root, "--now", new Date(now).toISOString(), "--quiet");

describe("a forecast of the diary", () => {
  it("is made again bit for bit, from the days that it saw", async () => {
    await forecastOn(200);
    await forecastOn(201, corrected());
    await forecastOn(202, corrected());
    const remade = await remakeForecasts(workspace, { id: "TESTUSDT" });
    expect(remade.map(({ equal, entry }) => [equal, entry.model, entry.cutoff])).toEqual(
      ["naive", "theta"].flatMap((model) => [199, 200, 201].map((day) => [true, model, market.days[day]])),
    );
    const { out, exit } = await typed("forecast", "--remake", `TESTUSDT/theta/${market.days[199]}`);
    expect(exit).toBe(0);
    expect(out).toMatch(/^TESTUSDT\/theta\/2020-07-18\/\w{12}: equal, bit for bit\npublished 2020-07-19/);
    expect(out.trim().split("\n")).toHaveLength(2 + 1 + 5);
    const json = JSON.parse((await typed("forecast", "--remake", "TESTUSDT", "--json")).out);
    expect(json).toMatchObject({ equal: 6 });
  });

  it("is made again from what the command forecast keeps", async () => {
    now = noon(200);
    await publishInput(workspace, [headOf(market, 200)]);
    await forecast(workspace, { models: ["naive", "random_walk_ensemble"], horizon: 3 });
    const remade = await remakeForecasts(workspace, { id: "TESTUSDT" });
    expect(remade.map(({ equal }) => equal)).toEqual([true, true]);
  });

  it("that differs is reported with its difference, exit 1", async () => {
    await forecastOn(200);
    await changeDiary("* REPLACE (yhat * 1.5 AS yhat)");
    const { out, exit } = await typed("forecast", "--remake", "TESTUSDT/theta/2020-07-18");
    expect([out, exit]).toEqual([expect.stringMatching(/differs by up to 3\.3e-1 of a value/), 1]);
  });

  it("is refused with what is missing", async () => {
    await forecastOn(200);
    const refused = async (id: string, message: RegExp) => {
      const { err, exit } = await typed("forecast", "--remake", id);
      expect([err, exit]).toEqual([expect.stringMatching(message), 2]);
    };
    await refused("TESTUSDT/teta", /no entry TESTUSDT\/teta(?:.|\n)*Did you mean TESTUSDT\/theta\?/);
    await changeDiary(`* REPLACE (${MODELS_VERSION - 1} AS models_version)`);
    await refused("TESTUSDT/theta/2020-07-18", /version 2 of the models; this candlebook has version 3/);
    await changeDiary("* REPLACE ('own' AS model)");
    await refused("TESTUSDT/own", /is not among the shipped ones(?:.|\n)*--model FILE/);
    await changeDiary(`* REPLACE ('theta' AS model, 'f' || data_hash AS data_hash, NULL AS models_version)`);
    await refused("TESTUSDT/theta", /are in no version of forecast_input that is kept/);
    expect((await typed("forecast", "--remake", "TESTUSDT", "--horizon", "30")).err).toMatch(
      /--horizon has no effect here/,
    );
  });
});

describe("pruning", () => {
  const since = (days: number) => noon(days) as EpochMs;
  const planOf = async (days: number) => {
    const plans = await planPrune(workspace, since(days));
    return plans.find(({ table }) => table === "forecast_input") ?? { table: "", versions: 0, remove: 0 };
  };

  it("keeps what was known at any instant since, and the versions that the diary needs", async () => {
    await forecastOn(200);
    await forecastOn(201);
    await forecastOn(202, corrected());
    await forecastOn(203, corrected());
    expect(await planOf(202)).toMatchObject({ versions: 4, remove: 2 });
    // Of the days before the correction the second version has all.
    expect(await withoutNeeded(workspace, await planOf(999))).toMatchObject({ remove: 1 });
    now = noon(203) + 10 * DAY;
    const plan = await typed("prune", "--older-than", "1d", "--dry-run", "--json");
    expect(JSON.parse(plan.out)).toMatchObject({ dryRun: true });
    expect(await listVersions(workspace, "forecast_input")).toHaveLength(4);
    const { out } = await typed("prune", "--older-than", "1d");
    expect(out).toMatch(/forecast_input +4 +1 +2\n/);
    expect(out).toMatch(/forecast_diary +4 +3 +0/);
    expect((await listVersions(workspace, "forecast_input")).map(({ at }) => at.slice(0, 10))).toEqual([
      "2020-07-20",
      "2020-07-21",
      "2020-07-22",
    ]);
    expect((await remakeForecasts(workspace, { id: "TESTUSDT" })).every(({ equal }) => equal)).toBe(true);
    await typed("prune", "--older-than", "1d", "--with-diary", "--table", "forecast_input");
    expect(await listVersions(workspace, "forecast_input")).toHaveLength(1);
    const remade = await remakeForecasts(workspace, { id: "TESTUSDT/theta" });
    expect(remade.map(({ refused }) => refused?.code)).toEqual([
      "data_not_kept",
      "data_not_kept",
      undefined,
      undefined,
    ]);
    expect((await readTable(workspace, "forecast_input"))?.manifest.rows).toBe(203);
  });

  it("refuses an unknown table and a bad age", async () => {
    await forecastOn(200);
    expect((await typed("prune", "--older-than", "1d", "--table", "forecast_inptu")).err).toMatch(
      /Did you mean forecast_input\?/,
    );
    expect((await typed("prune", "--older-than", "old")).err).toMatch(/--older-than is "old"/);
    await pruneTable(workspace, await planOf(999));
    expect(await listVersions(workspace, "forecast_input")).toHaveLength(1);
  });
});

/** Publishes the diary with other rows. @param select of its columns */
async function changeDiary(select: string): Promise<void> {
  const diary = await readTable(workspace, "forecast_diary");
  const { columns, rows } = await withLake(workspace, {}, async (lake) => {
    const from = `(SELECT ${select} FROM ${diary?.sql})`;
    const described = await lake.rows<{ column_name: string; column_type: "VARCHAR" }>(
      `DESCRIBE SELECT * FROM ${from}`,
    );
    return {
      columns: Object.fromEntries(described.map((column) => [column.column_name, column.column_type])),
      rows: await lake.rows<object>(
        `SELECT * REPLACE (cutoff::VARCHAR AS cutoff, ds::VARCHAR AS ds) FROM ${from}`,
      ),
    };
  });
  await putTable(workspace, "forecast_diary", rows, { columns, stage: "forecast" });
}
