import { expect, it } from "vitest";
import type { Forecast } from "../forecast/forecaster.ts";
import type { Day } from "../time/day.ts";
import { fanMarks, forecastChart } from "./forecast.ts";

/** The lightness of a colour laid over white, 0 to 255. */
function lightness(colour: string, opacity: number): number {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return 255 - opacity * (255 - (0.3 * red + 0.59 * green + 0.11 * blue));
}

const forecastBy = (model: string): Forecast => ({
  ...{ symbol: "BTCUSDT", model, cutoff: "2025-01-01" as Day },
  steps: [
    {
      stepsAhead: 1,
      ds: "2025-01-02" as Day,
      yhat: 100,
      quantiles: Float64Array.from({ length: 21 }, (_, i) => 90 + i),
    },
  ],
});
const forecast = forecastBy("prophet");
const fan = { symbol: "BTCUSDT", forecasts: [forecast, forecastBy("naive")], scores: [] };

it("gives each band of a fan a swatch that the legend's others are not taken for", () => {
  const swatches = fanMarks(fan, forecast).flatMap((mark) =>
    mark.kind === "band" ? lightness(mark.colour, mark.opacity) : [],
  );
  expect(swatches).toHaveLength(3);
  for (const [i, swatch] of swatches.slice(1).entries()) expect(swatches[i] - swatch).toBeGreaterThan(30);
});

it("shows every item of a fan's legend by a mark of its own", () => {
  const past = [{ symbol: "BTCUSDT", day: "2025-01-01" as Day, close: 100 }];
  const legend = forecastChart(past, fan, { source: "csv" })
    .svg()
    .matchAll(/<g class="candlebook-legend"[^>]*>(<[^>]*>)/g);
  const marks = [...legend].map(([, mark]) => mark);
  expect(marks).toHaveLength(7);
  expect(new Set(marks).size).toBe(7);
});
