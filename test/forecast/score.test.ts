import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Workspace } from "../../src/core/workspace.ts";
import { dieboldMariano, holm } from "../../src/evaluation/dieboldMariano.ts";
import type { JudgedModel } from "../../src/evaluation/judge/judge.ts";
import type { ForecastDay } from "../../src/evaluation/judge/windows.ts";
import { scoreWindows } from "../../src/evaluation/judge/windows.ts";
import { studentT } from "../../src/evaluation/studentT.ts";
import { randomWalkEnsemble } from "../../src/forecast/ensemble/ensemble.ts";
import type { Series } from "../../src/forecast/forecaster.ts";
import { naive } from "../../src/forecast/naive.ts";
import { forecast } from "../../src/forecasting/forecast.ts";
import { scoreFiles } from "../../src/forecasting/scoreFiles.ts";
import { readTable } from "../../src/lake/read.ts";
import { csvText } from "../../src/lake/write.ts";
import { runProgram } from "../../src/spark/programs.ts";
import { commandLine } from "../../testkit/commandLine.ts";
import { publishInput } from "../../testkit/forecastInput.ts";
import { type HonestPlan, honestForecasts } from "../../testkit/judged.ts";
import { pythonStatistics } from "../../testkit/readers.ts";
import { randomWalk } from "../../testkit/series.ts";

const python = await pythonStatistics();
if (python.reason !== null) console.log(`skipped: scores of other programs. ${python.reason}`);

let workspace: Workspace;
let series: Series;
const path = (name: string) => join(workspace.root, name);

beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-score-"));
  workspace = { root, clock: () => Date.UTC(2026, 7, 22), resources: { threads: 2, memory: "512MB" } };
  series = randomWalk(1, 400);
  await publishInput(workspace, [series]);
});
afterAll(() => rm(workspace.root, { recursive: true }));

type FileRow = Record<string, string | number | null>;

/** Forecasts as the rows of a file: a row for each level or draw, or one with the ends of bands. */
function rowsOf(days: readonly ForecastDay[], asBands = false): FileRow[] {
  return days.flatMap<FileRow>(({ symbol, model, cutoff, ds, point, distribution }) => {
    const key = { symbol, model, cutoff, ds };
    if (distribution.kind === "point") return [{ ...key, yhat: point }];
    const { values } = distribution;
    if (distribution.kind === "samples")
      return Array.from(values, (value, sample) => ({ ...key, sample, value }));
    if (!asBands)
      return Array.from(values, (value, i) => ({
        ...key,
        quantile: distribution.levels[i],
        value,
        yhat: point,
      }));
    const [lo95, lo80, , hi80, hi95] = values;
    return [{ ...key, yhat: point, lo80, hi80, lo95, hi95 }];
  });
}

async function fileOf(
  name: string,
  rows: readonly Record<string, string | number | null>[],
): Promise<string> {
  await writeFile(path(name), csvText(Object.keys(rows[0]), rows));
  return path(name);
}

describe("candlebook score", () => {
  it("gives our published quantiles the published scores, from Parquet", async () => {
    const { symbols } = await forecast(workspace, { models: ["naive", "random_walk_ensemble"] });
    const table = await readTable(workspace, "forecast_quantiles");
    await cp(join(table!.folder, "part-0.parquet"), path("theirs.parquet"));
    const { models, source } = await scoreFiles(workspace, { files: [path("theirs.parquet")] });
    expect(source).toBe("csv");
    for (const { model, crps, skill, dmT } of symbols[0].scores) {
      const own = models.find((one) => one.model === model)!;
      expect(own.crps! / crps!).toBeCloseTo(1, 12);
      expect(own.skill).toBeCloseTo(skill!, 12);
      if (dmT !== null) expect(own.dmT).toBeCloseTo(dmT, 9);
      // The last cutoff's 30 days have not come.
      expect(own).toMatchObject({ cutoffs: 8, days: 240, pending: 30, unscored: 0, suspicions: [] });
    }
  });

  it.each<[HonestPlan["kind"] & string, boolean]>([
    ["quantiles", false],
    ["samples", false],
    ["bands", true],
  ])("reads %s", async (kind, asBands) => {
    const days = honestForecasts(series, naive(), { horizon: 5, step: 20, kind });
    const file = await fileOf(`${kind}.csv`, rowsOf(days, asBands));
    const [model] = (await scoreFiles(workspace, { files: [file] })).models;
    expect(model).toMatchObject({ model: "naive", cutoffs: 14, days: 70, pending: 0 });
    expect(model.skill).toBeCloseTo(0, kind === "samples" ? 2 : 6);
    expect(model.bands.map(({ level }) => level)).toEqual(expect.arrayContaining([80, 95]));
  });

  it("takes the outcomes from a file, and prints a table, CSV and a page with the suspected leak", async () => {
    const other = randomWalk(8, 500, "OTHERUSDT");
    const closes = other.days.map((ds, i) => ({ symbol: "otherusdt", ds, y: other.close[i] }));
    const seen = honestForecasts(other, naive(), { horizon: 5, step: 20 }).map((day) => {
      const actual = other.close[other.days.indexOf(day.ds)];
      const distribution = { kind: "point" as const };
      return { ...day, model: "cheat", point: actual * 1.001, distribution };
    });
    const file = await fileOf("cheat.csv", rowsOf(seen));
    const outcomes = await fileOf("closes.csv", closes);
    const words = ["score", file, "--outcomes", outcomes, "--workspace", workspace.root];
    const { out, exit } = await commandLine(...words, "--page", path("judged.html"));
    expect(exit).toBe(0);
    expect(out).toMatch(/^OTHERUSDT +cheat \(suspected leak\) /m);
    expect(out).toContain("suspected leak: OTHERUSDT cheat: its absolute error is");
    const page = await readFile(path("judged.html"), "utf8");
    expect(page).toContain("cheat (suspected leak)");
    expect(page).toContain("Nghi rò rỉ");
    expect((await commandLine(...words, "--csv")).out).toMatch(
      /^symbol,model,kind,.*\nOTHERUSDT,cheat,point,/,
    );
  });

  const good = { symbol: "TESTUSDT", model: "m", cutoff: "2020-06-01", ds: "2020-06-02" };
  it.each<[string, string, Record<string, string | number | null>[]]>([
    [
      "unknown_columns",
      "has no column model",
      [{ symbol: "TESTUSDT", cutoff: "2020-06-01", ds: "2020-06-02", yhat: 1 }],
    ],
    ["unknown_columns", "has no forecast that can be read", [{ ...good, price: 1 }]],
    [
      "bad_forecast_row",
      "row 2 (m, 2020-06-02 from 2020-06-01): value is not a number",
      [
        { ...good, quantile: 0.1, value: 1 },
        { ...good, quantile: 0.5, value: "abc" },
      ],
    ],
    ["bad_forecast_row", "quantile is not a level between 0 and 1", [{ ...good, quantile: 10, value: 1 }]],
    [
      "bad_forecast_row",
      "row 1 (m, null from 2020-06-01): ds is not a value",
      [{ ...good, ds: "soon", yhat: 1 }],
    ],
    [
      "bad_forecast_row",
      "the quantile 0.9 is below the one of 0.1",
      [
        { ...good, quantile: 0.9, value: 1 },
        { ...good, quantile: 0.1, value: 2 },
      ],
    ],
    [
      "forecast_twice",
      "row 2",
      [
        { ...good, yhat: 1 },
        { ...good, yhat: 2 },
      ],
    ],
    [
      "forecast_twice",
      "the quantile 0.5 of the same forecast day is there twice",
      [
        { ...good, quantile: 0.5, value: 1 },
        { ...good, quantile: 0.5, value: 2 },
      ],
    ],
    ["unknown_symbol", "There is no NONEUSDT", [{ ...good, symbol: "NONEUSDT", yhat: 1 }]],
  ])("refuses with %s: %s", async (code, message, rows) => {
    const file = await fileOf("bad.csv", rows);
    const { out, exit } = await commandLine("score", file, "--json", "--workspace", workspace.root);
    expect({ exit, code: JSON.parse(out).error.code }).toEqual({ exit: 2, code });
    expect(JSON.parse(out).error.message).toContain(message);
  });

  it("refuses a file that is not there", async () => {
    const { err, exit } = await commandLine("score", path("none.csv"), "--workspace", workspace.root);
    expect(exit).toBe(2);
    expect(err).toContain("There is no file");
  });
});

const SCORER = `
import json, sys
import numpy as np, scoringrules as sr, statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests
found = {}
data = json.load(sys.stdin)
for name, days in data["days"].items():
    obs = np.array([d["actual"] for d in days]); base = np.array([d["lastClose"] for d in days])
    values = np.array([d["values"] for d in days])
    out = {}
    if name == "samples":
        out["crps"] = np.mean(100 * sr.crps_ensemble(obs, values, estimator="nrg") / base)
    else:
        levels = np.array(days[0]["levels"])
        inner = (levels > 0.0499) & (levels < 0.9501)
        out["crps"] = np.mean(100 * sr.crps_quantile(obs, values[:, inner], levels[inner]) / base)
        at = lambda p: values[:, np.argmin(abs(levels - p))]
        for p in (10, 50, 90): out[f"pinball{p}"] = np.mean(100 * sr.quantile_score(obs, at(p / 100), p / 100) / base)
        for level in (80, 95):
            tail = (100 - level) / 200; low, high = at(tail), at(1 - tail)
            out[f"interval{level}"] = np.mean(100 * sr.interval_score(obs, low, high, 1 - level / 100) / base)
    found[name] = {k: float(v) for k, v in out.items()}
tests = []
for losses in data["losses"]:
    d = np.array(losses["own"]) - np.array(losses["naive"]); n = len(d); h = losses["lags"] + 1
    # The mean's long-run variance with equal weights is that of a regression on a constant.
    fit = sm.OLS(d, np.ones(n)).fit(cov_type="HAC", cov_kwds={"maxlags": h - 1, "kernel": "uniform", "use_correction": False})
    t = float(fit.tvalues[0]) * np.sqrt((n + 1 - 2 * h + h * (h - 1) / n) / n)
    tests.append({"t": float(t), "p": float(2 * stats.t.sf(abs(t), n - 1))})
holm = multipletests([test["p"] for test in tests], method="holm")[1]
cdf = [float(stats.t.cdf(t, f)) for t, f in data["cdf"]]
print(json.dumps({"found": found, "tests": tests, "holm": list(map(float, holm)), "cdf": cdf}))
`;

describe.skipIf(python.reason !== null)("scoringrules and statsmodels", () => {
  it("give the same scores to 1e-9, and the same p to 1e-6", async () => {
    const kinds = ["quantiles", "samples"] as const;
    const scored = kinds.map((kind) => {
      const days = honestForecasts(series, randomWalkEnsemble(), { horizon: 7, step: 3, kind });
      return { kind, days, windows: scoreWindows(series, days).windows };
    });
    const inputs = scored.map(({ kind, windows }) => [
      kind,
      windows
        .flatMap(({ days }) => days)
        .map(({ actual, lastClose, forecast: { distribution } }) => ({
          ...{ actual, lastClose },
          ...(distribution.kind === "point" ? {} : { values: [...distribution.values] }),
          ...(distribution.kind === "quantiles" && { levels: [...distribution.levels] }),
        })),
    ]);
    const means = (name: "own" | "naive" | "naive365" | "oracle") =>
      scored[0].windows.map(({ days }) => days.reduce((sum, { crps }) => sum + crps[name], 0) / days.length);
    const losses = (["own", "naive365", "oracle"] as const).flatMap((name) =>
      [0, 2].map((lags) => ({ own: means(name), naive: means("naive"), lags })),
    );
    const cdf = [-12, -3.3, -1, 0.4, 2.2, 30].flatMap((t) => [1, 2, 7, 64, 129].map((f) => [t, f]));
    const file = path("scorer.py");
    await writeFile(file, SCORER.replace("sys.stdin", "open(sys.argv[1])"));
    await writeFile(path("input.json"), JSON.stringify({ days: Object.fromEntries(inputs), losses, cdf }));
    const { code, out, err } = await runProgram(python.program as string, [file, path("input.json")]);
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
    const theirs = JSON.parse(out);

    for (const { kind, days } of scored) {
      const name = await fileOf(`other-${kind}.csv`, rowsOf(days));
      const [ours] = (await scoreFiles(workspace, { files: [name] })).models;
      for (const [score, value] of Object.entries<number>(theirs.found[kind]))
        expect({ score, ratio: oursOf(ours, score) / value }).toEqual({ score, ratio: expect.closeTo(1, 9) });
    }
    const tests = losses.map(({ own, naive, lags }) => dieboldMariano(own, naive, lags)!);
    tests.forEach(({ t, p }, i) => {
      expect(t).toBeCloseTo(theirs.tests[i].t, 8);
      expect(Math.abs(p - theirs.tests[i].p)).toBeLessThan(1e-6);
    });
    holm(tests.map(({ p }) => p)).forEach((p, i) => {
      expect(Math.abs(p! - theirs.holm[i])).toBeLessThan(1e-6);
    });
    cdf.forEach(([t, freedom], i) => {
      expect(studentT(t, freedom)).toBeCloseTo(theirs.cdf[i], 12);
    });
  });
});

function oursOf(model: JudgedModel, score: string): number {
  const level = Number(/^interval(\d+)$/.exec(score)?.[1]);
  const band = model.bands.find((one) => one.level === level);
  return (band?.intervalScore ?? model[score as "crps"]) as number;
}
