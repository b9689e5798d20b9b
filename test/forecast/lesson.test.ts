import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import { SELECTED } from "../../src/forecast/smoothing/selectedModel.ts";
import { evaluate } from "../../src/forecasting/evaluate.ts";
import { pictureBacktest } from "../../src/forecasting/pictureBacktest.ts";
import { commandLine } from "../../testkit/commandLine.ts";
import { publishInput } from "../../testkit/forecastInput.ts";
import { dataFolder, goldenCloses } from "../../testkit/realSeries.ts";
import { randomWalk } from "../../testkit/series.ts";

const data = dataFolder();
let workspace: Workspace;

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-evaluate-"));
  workspace = { root, clock: () => Date.UTC(2026, 7, 22), resources: { threads: 2, memory: "512MB" } };
});
afterEach(() => rm(workspace.root, { recursive: true }));

const candlebook = (...words: string[]) => commandLine(...words, "--workspace", workspace.root);

describe("evaluate --lesson leak", () => {
  it.skipIf(data === null)(
    "reproduces the figures that were measured, and marks what is leaked",
    async () => {
      await publishInput(workspace, [goldenCloses(data!, "btc"), goldenCloses(data!, "eth")]);
      const { out, exit } = await candlebook("evaluate", "--lesson", "leak", "--json");
      expect(exit).toBe(0);
      const { lessons } = JSON.parse(out) as {
        lessons: { symbol: string; rows: { model: string; mape: number; leaked: boolean }[] }[];
      };
      const found = lessons.map(({ symbol, rows }) => ({
        symbol,
        mapes: rows.map(({ mape }) => Number(mape.toFixed(mape > 10 ? 0 : 2))),
      }));
      expect(found).toEqual([
        { symbol: "BTCUSDT", mapes: [2.38, 2.4, 1.7, 63] },
        { symbol: "ETHUSDT", mapes: [3.51, 3.59, 2.58, 23] },
      ]);
      for (const { rows } of lessons) {
        expect(rows.filter(({ leaked }) => leaked).map(({ model }) => model)).toEqual([
          "prophet_same_day_averages",
          "ma7_of_the_day",
          "prophet_frozen_averages",
        ]);
      }
      const text = (await candlebook("evaluate", "--lesson", "leak", "--symbols", "BTCUSDT")).out;
      expect(text).toMatch(/ma7_of_the_day \(leaked\) +2\.4/);
      expect(text).toMatch(/prophet_frozen_averages \(leaked\) +63/);
      expect(text).toMatch(/yesterdays_close +1\.7/);
    },
  );

  it("needs a history to learn from", async () => {
    await publishInput(workspace, [randomWalk(1, 399)]);
    expect(await candlebook("evaluate", "--lesson", "leak")).toMatchObject({
      exit: 2,
      err: expect.stringContaining("needs at least 400"),
    });
  });
});

describe("evaluate and forecast", () => {
  it("share what they forecast, and print scores and summary", async () => {
    await publishInput(workspace, [randomWalk(1, 500)]);
    const models = "naive,random_walk_ensemble,prophet";
    const printed = (await candlebook("forecast", "--models", models)).out;
    expect(printed).toMatch(/TESTUSDT: last close .+ days old; random_walk_ensemble/);
    expect(printed).toMatch(
      /Prophet is \d+ % worse than yesterday's price over \d+ windows; the default's 80 % band/,
    );
    expect(printed).toContain("volatility_oracle (leaked)");
    expect(printed).toMatch(
      /days ahead +day +95 % from +80 % from +median .+ P\(rise\) % +MAPE % +naive's\n/,
    );
    for (const ahead of [1, 7, 30])
      expect(printed).toMatch(new RegExp(`^ *${ahead} +2021-\\d\\d-\\d\\d +\\d`, "m"));
    expect(printed).toContain("The famous 3.36 % had seen the answer");
    const csv = (await candlebook("forecast", "--models", models, "--csv")).out.trim().split("\n");
    expect(csv[0]).toMatch(/^symbol,model,cutoff,age_hours,last_close,days_ahead,ds,median/);
    expect(csv).toHaveLength(4);
    const done: number[] = [];
    const progress = () => done.push(1);
    const { evaluations } = await evaluate(workspace, { models: models.split(",") }, { progress });
    expect(done).toHaveLength(evaluations[0].windows.length);
    const past = (await pictureBacktest(workspace, { symbol: "TESTUSDT" }))!;
    expect(past.cutoffs[0] <= evaluations[0].cutoffs[0]).toBe(true);
    expect(past.cutoffs.at(-1)).toBe(evaluations[0].cutoffs.at(-1));
    const weekly = await evaluate(
      workspace,
      { models: models.split(","), step: 7, initial: 166 },
      { progress },
    );
    expect([past.cutoffs, past.scores]).toEqual([
      weekly.evaluations[0].cutoffs,
      weekly.evaluations[0].models,
    ]);
    expect(past.rows).toHaveLength(3 * 30 * past.cutoffs.length);
    expect(await pictureBacktest(workspace, { symbol: "NOUSDT" })).toBe(null);
    const details = (await candlebook("evaluate", "--models", models, "--csv")).out.trim().split("\n");
    expect(details[0]).toContain("intervalScore95");
    expect(details.filter((line) => line.startsWith("TESTUSDT,naive,step,"))).toHaveLength(30);
    const text = (await candlebook("evaluate", "--models", models, "--step", "15")).out;
    expect(text).toMatch(/30 days ahead, 15 days apart. CRPS is .* in % of the price at the cutoff/);
    expect(text).not.toContain("chosen");
    const said = `The kind of theta and of ets was chosen on cutoffs of Bitcoin and Ether before ${SELECTED.reportedFrom}: only scores of later cutoffs test this choice.`;
    for (const command of ["evaluate", "forecast"])
      expect((await candlebook(command, "--models", "naive,theta,ets")).out).toContain(said);
    const wrong = await candlebook("evaluate", "--models", "drift");
    expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining("naive") });
  });
});
