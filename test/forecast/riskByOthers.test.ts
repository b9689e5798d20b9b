import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testCoverage } from "../../src/risk/coverage.ts";
import { fitGarch, garchAhead, garchLikelihood, garchVariances } from "../../src/risk/garch.ts";
import { harVariances } from "../../src/risk/harVariances.ts";
import { riskDays } from "../../src/risk/riskDays.ts";
import { type RiskRow, riskRows } from "../../src/risk/riskRows.ts";
import { scoreRisk } from "../../src/risk/scoreRisk.ts";
import { Residuals, SIDES, TAIL_LEVELS } from "../../src/risk/tails.ts";
import { runProgram } from "../../src/spark/programs.ts";
import { pythonStatistics, READERS } from "../../testkit/readers.ts";
import { binanceDaily, dataFolder } from "../../testkit/realSeries.ts";

const data = dataFolder();
const python = await pythonStatistics();
if (python.reason !== null) console.log(`skipped: risk by other people's statistics. ${python.reason}`);

/** The same numbers by `arch`, `statsmodels`, `scipy` and `numpy`, from what is in `input.json`. */
const OTHERS = `
import json, warnings
import numpy as np, statsmodels.api as sm
from arch import arch_model
from arch.univariate import ZeroMean, EWMAVariance
from scipy import stats
warnings.filterwarnings("ignore")
given = json.load(open("input.json"))
found = {}
returns = 100 * np.array(given["returns"])
g = given["garch"]
model = arch_model(returns, mean="Zero", vol="GARCH", p=1, q=1, dist="t", rescale=False)
fixed = model.fix([1e4 * g["omega"], g["alpha"], g["beta"], g["freedom"]])
found["likelihood"] = fixed.loglikelihood + len(returns) * np.log(100)
found["fitted"] = model.fit(disp="off").loglikelihood + len(returns) * np.log(100)
found["variances"] = (fixed.conditional_volatility ** 2 / 1e4).tolist()
found["ahead"] = np.cumsum(fixed.forecast(horizon=30).variance.values[-1] / 1e4).tolist()
ewma = ZeroMean(returns, volatility=EWMAVariance(0.94), rescale=False)
found["ewma"] = ewma.fix([]).forecast(horizon=1).variance.values[-1, 0] / 1e4
ranges = np.array(given["ranges"])
def har(ahead, memory):
    sums = np.concatenate([[0], np.cumsum(ranges)])
    mean = lambda first, count: np.log((sums[first + count] - sums[first]) / count + 1e-7)
    row = lambda t: [1] + [mean(t + 1 - span, span) for span in (1, 7, 30)]
    ts = range(29, len(ranges) - ahead)
    weights = 0.5 ** (np.arange(len(ts))[::-1] / memory)
    x, y = np.array([row(t) for t in ts]), np.array([mean(t + 1, ahead) for t in ts])
    ridge = np.sqrt(1e-3) * np.eye(4)
    fit = sm.WLS(np.concatenate([y, np.zeros(4)]), np.vstack([x, ridge]), np.concatenate([weights, np.ones(4)])).fit()
    residual = np.sum(weights * (y - x @ fit.params) ** 2) / np.sum(weights)
    return ahead * np.exp(np.array(row(len(ranges) - 1)) @ fit.params + residual / 2)
found["har"] = [har(*case) for case in given["harCases"]]
def coverage(hits, p):
    n, k = len(hits), sum(hits)
    uc = stats.power_divergence([k, n - k], [n * p, n * (1 - p)], lambda_="log-likelihood")
    table = np.array([[sum(1 for a, b in zip(hits, hits[1:]) if (a, b) == (i, j)) for j in (0, 1)] for i in (0, 1)])
    ind = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    return [uc.pvalue, ind.pvalue, stats.chi2.sf(uc.statistic + ind.statistic, 2)]
found["coverage"] = [coverage(*case) for case in given["coverageCases"]]
f, y = (np.array(given["scored"][name]) for name in ("variance", "outcome"))
found["qlike"], found["mse"] = np.mean(y / f - np.log(y / f) - 1), np.mean((f - y) ** 2)
z = np.array(given["residuals"])
def tail(level, side):
    p = 1 - level / 100
    q = np.quantile(z, p if side == "low" else 1 - p)
    return [q, z[z <= q].mean() if side == "low" else z[z >= q].mean()]
found["tails"] = [tail(*case) for case in given["tailCases"]]
print(json.dumps(found))
`;

interface Found {
  likelihood: number;
  fitted: number;
  variances: number[];
  ahead: number[];
  ewma: number;
  har: number[];
  coverage: number[][];
  qlike: number;
  mse: number;
  tails: number[][];
}

const HAR_CASES = [1, 7, 30].flatMap((ahead) => [365, 730].map((memory) => [ahead, memory] as const));
const TAIL_CASES = SIDES.flatMap((side) => TAIL_LEVELS.map((level) => ({ side, level })));
const random = (i: number) => Math.abs(Math.sin(i * 12.9898) * 43758.5453) % 1;
const COVERAGE_CASES = [0.05, 0.01].flatMap((p) =>
  [1, 1.5, 3].map((factor) => ({ p, hits: Array.from({ length: 1500 }, (_, i) => random(i) < factor * p) })),
);

let folder: string;
beforeAll(async () => {
  await mkdir(READERS, { recursive: true });
  folder = await mkdtemp(join(READERS, "risk-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function byOthers(input: object): Promise<Found> {
  await writeFile(join(folder, "input.json"), JSON.stringify(input));
  await writeFile(join(folder, "others.py"), OTHERS);
  const { code, out, err } = await runProgram(python.program as string, ["others.py"], { cwd: folder });
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return JSON.parse(out) as Found;
}

const near = (found: number, expected: number, digits: number) =>
  expect(found / expected).toBeCloseTo(1, digits);

describe.skipIf(data === null || python.reason !== null)(
  "risk equals that of arch, statsmodels and scipy",
  () => {
    it.each(["BTCUSDT", "ETHUSDT"] as const)("%s", { timeout: 120_000 }, async (symbol) => {
      const series = binanceDaily(data as string, symbol);
      const { returns, ranges } = riskDays(series);
      const rows = riskRows(series);
      const garch = fitGarch(returns);
      const weekly = (row: RiskRow) => row.model === "ewma" && row.steps_ahead === 7 && row.change !== null;
      const scored = rows.filter(weekly);
      const z = scored.map(
        ({ change, variance }) => Math.log1p((change as number) / 100) / Math.sqrt(variance),
      );
      const found = await byOthers({
        returns: Array.from(returns),
        ranges: Array.from(ranges),
        garch,
        harCases: HAR_CASES,
        coverageCases: COVERAGE_CASES.map(({ p, hits }) => [hits.map(Number), p]),
        scored: {
          variance: scored.map((row) => row.variance),
          outcome: scored.map((row) => row.realized_variance),
        },
        residuals: z,
        tailCases: TAIL_CASES.map(({ side, level }) => [level.level, side]),
      });

      const likelihood = garchLikelihood(garch, returns);
      near(likelihood, found.likelihood, 9);
      // arch also searches alpha + beta from 0.9999 to 1.
      expect(likelihood).toBeGreaterThan(found.fitted - 0.1);
      const variances = garchVariances(garch, returns);
      found.variances.forEach((variance, i) => {
        near(variances[i], variance, 9);
      });
      found.ahead.forEach((sum, i) => {
        near(garchAhead(garch, variances[variances.length - 1], i + 1), sum, 9);
      });
      const latest = rows.findLast(({ model, steps_ahead }) => model === "ewma" && steps_ahead === 1);
      near(latest?.variance as number, found.ewma, 9);
      HAR_CASES.forEach(([ahead, memory], i) => {
        near(harVariances(ranges, ahead, memory)[ranges.length - 1], found.har[i], 9);
      });
      COVERAGE_CASES.forEach(({ p, hits }, i) => {
        const { kupiecP, independenceP, christoffersenP } = testCoverage(hits, p);
        [kupiecP, independenceP, christoffersenP].forEach((own, k) => {
          expect(own).toBeCloseTo(found.coverage[i][k], 9);
        });
      });
      const [score] = scoreRisk(scored).variances;
      near(score.qlike, found.qlike, 9);
      near(score.mse, found.mse, 9);
      const residuals = new Residuals();
      for (const value of z) residuals.add(value);
      TAIL_CASES.forEach(({ side, level }, i) => {
        const tail = residuals.tail(level, side, 1);
        near(tail?.valueAtRisk as number, found.tails[i][0], 9);
        near(tail?.expectedShortfall as number, found.tails[i][1], 9);
      });
    });
  },
);
