import { expect, it } from "vitest";
import { priceSeries, randomWalk, seriesWithVariance } from "../../testkit/series.ts";
import {
  defineForecaster,
  eachDay,
  logNormal,
  type ModelDefinition,
  type PriceDistribution,
} from "./define.ts";

const own: ModelDefinition = {
  name: "own",
  title: { en: "Own", vi: "Riêng" },
  method: { en: "always 100", vi: "luôn là 100" },
  needs: { days: 60, columns: ["close"] },
  fit: () => ({ predict: eachDay((stepsAhead) => logNormal(100, 0.01 * stepsAhead)) }),
};
const refusal = (code: string) => expect.objectContaining({ code });

it("names and dates each day of a definition's forecast", () => {
  const forecast = defineForecaster(own)
    .fit(priceSeries(new Float64Array(60).fill(7)))
    .predict(3);
  expect(forecast).toMatchObject({ symbol: "TESTUSDT", model: "own", cutoff: "2020-02-29", leftOut: [] });
  expect(forecast.steps.map(({ ds, stepsAhead, yhat }) => [ds, stepsAhead, yhat])).toEqual([
    ["2020-03-01", 1, 100],
    ["2020-03-02", 2, 100],
    ["2020-03-03", 3, 100],
  ]);
});

it("refuses what the model may not see", () => {
  const model = defineForecaster({ ...own, needs: { days: 100, columns: ["close", "variance"] } });
  expect(() => model.fit(randomWalk(1, 99))).toThrow(refusal("series_too_short"));
  expect(() => model.fit(randomWalk(1, 100))).toThrow(refusal("series_lacks_column"));
  expect(() => model.fit(seriesWithVariance()).predict(0)).toThrow(refusal("bad_horizon"));
  expect(model.fit(seriesWithVariance()).predict(2).steps).toHaveLength(2);
});

it.each(["", "Own", "my model", "../mine"])("refuses the name %j", (name) => {
  expect(() => defineForecaster({ ...own, name })).toThrow(refusal("bad_model"));
});

const good = logNormal(100, 0.1);
it.each<[string, string, PriceDistribution[]]>([
  ["too few days", "bad_distribution", [good]],
  ["too few quantiles", "bad_distribution", [good, { yhat: 1, quantiles: new Float64Array(3) }]],
  [
    "quantiles that decrease",
    "bad_distribution",
    [good, { ...good, quantiles: good.quantiles.toReversed() }],
  ],
  ["a point that is no number", "forecast_not_finite", [good, { ...good, yhat: Number.NaN }]],
  ["an infinite quantile", "forecast_not_finite", [good, logNormal(100, 1000)]],
])("refuses %s", (_, code, distributions) => {
  const model = defineForecaster({ ...own, fit: () => ({ predict: () => distributions }) });
  expect(() => model.fit(randomWalk(1, 60)).predict(2)).toThrow(refusal(code));
});
