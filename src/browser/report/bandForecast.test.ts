import { describe, expect, it } from "vitest";
import { seriesWithVariance } from "../../../testkit/series.ts";
import { BAND_LEVELS, QUANTILE_LEVELS } from "../../forecast/forecaster.ts";
import { forecasterOf, MODEL_NAMES } from "../../forecast/registry.ts";
import { type DailyTable, dailyTables } from "../../report/dailyTable.ts";
import { bandFigure } from "./bandFigure.ts";
import { bandForecast } from "./bandForecast.ts";

const series = seriesWithVariance();
/** As the page reads it out of its JSON. */
const table: DailyTable = JSON.parse(JSON.stringify(dailyTables([series], 1e6)[0]));

describe("the forecast that the page computes", () => {
  it("equals the library's to the bit, for every model and band", () => {
    for (const model of MODEL_NAMES) {
      const { steps } = forecasterOf({ name: model }).fit(series).predict(9);
      for (const level of BAND_LEVELS) {
        const at = (p: number) => QUANTILE_LEVELS.findIndex((known) => Math.abs(known - p) < 1e-9);
        expect(bandForecast(table, { model, horizon: 9, level })).toEqual(
          steps.map(({ ds, stepsAhead, yhat, quantiles }) => ({
            day: ds,
            daysAhead: stepsAhead,
            forecast: yhat,
            low: quantiles[at(0.5 - level / 200)],
            high: quantiles[at(0.5 + level / 200)],
          })),
        );
      }
    }
  });

  it("is refused with a sentence where the choice can't be", () => {
    const refused = (choice: Partial<Parameters<typeof bandForecast>[1]>) =>
      expect(() => bandForecast(table, { model: "naive", horizon: 30, level: 80, ...choice }));
    refused({ level: 81 }).toThrow(/no band of 81 %/);
    refused({ horizon: Number.NaN }).toThrow(/horizon/);
    refused({ model: "oracle" }).toThrow(/no model called oracle/);
  });

  it("is drawn with the days that it has, its source and its band", () => {
    const choice = { model: "naive", horizon: 5, level: 95 };
    const days = bandForecast(table, choice);
    const { interactive, alt } = bandFigure(table, choice, days, "simulated");
    expect(interactive.data.map(({ x }) => (x as string[]).length)).toEqual([120, 5, 5, 5]);
    expect(JSON.stringify(interactive.layout)).toContain("SIMULATED");
    expect(alt.en).toContain(`Forecast for ${days[4].day}`);
  });
});
