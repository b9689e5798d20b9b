import { createRequire } from "node:module";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { QUANTILE_LEVELS } from "../forecast/forecaster.ts";
import { forecasterOf, MODEL_NAMES } from "../forecast/registry.ts";
import { dailyTables, seriesOf } from "./dailyTable.ts";
import { BAND_LEVELS, compute } from "./page/compute.ts";
import { fanOf } from "./page/fan.ts";
import { recomputeHtml } from "./recompute.ts";

// The minutes of the last days are known, those of the first are not.
const walk = randomWalk(3, 400);
const variance = walk.close.map((_, i) => (i < 300 ? Number.NaN : 0.001 + i * 1e-7));
const series = { ...walk, variance };

/** What stands in the page, read as the page reads it. */
function embedded(html: string) {
  const [, json] = /id="daily-tables">(.*?)<\/script>/.exec(html) ?? [];
  return JSON.parse(json).tables as ReturnType<typeof dailyTables>;
}

describe("the forecast that the page computes", () => {
  it("equals the library's to the bit, for every model and band", () => {
    const [table] = embedded(recomputeHtml([series], "csv", 1e6));
    for (const model of MODEL_NAMES) {
      const { steps } = forecasterOf({ name: model }).fit(series).predict(9);
      for (const level of BAND_LEVELS) {
        const at = (p: number) => QUANTILE_LEVELS.findIndex((known) => Math.abs(known - p) < 1e-9);
        expect(compute(table, { model, horizon: 9, level })).toEqual(
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
    const [table] = dailyTables([series], 1e6);
    const refused = (choice: Partial<Parameters<typeof compute>[1]>) =>
      expect(() => compute(table, { model: "naive", horizon: 30, level: 80, ...choice }));
    refused({ level: 81 }).toThrow(/no band of 81 %/);
    refused({ horizon: Number.NaN }).toThrow(/horizon/);
    refused({ model: "oracle" }).toThrow(/no model called oracle/);
  });

  it("is drawn with the days that it has, its source and its band", () => {
    const [table] = dailyTables([series], 1e6);
    const choice = { model: "naive", horizon: 5, level: 95 };
    const days = compute(table, choice);
    const { interactive, alt } = fanOf(table, choice, days, "simulated");
    expect(interactive.data.map(({ x }) => (x as string[]).length)).toEqual([120, 5, 5, 5]);
    expect(JSON.stringify(interactive.layout)).toContain("SIMULATED");
    expect(alt).toContain(`Forecast for ${days[4].day}`);
  });
});

describe("the embedded tables", () => {
  it("are all that the models see", () => {
    expect(seriesOf(embedded(recomputeHtml([series], "csv", 1e6))[0])).toEqual(series);
  });

  it("are whole histories, and those without room are named", () => {
    const size = JSON.stringify(dailyTables([series], 1e6)[0]).length;
    const other = randomWalk(4, 400, "OTHERUSDT");
    const html = recomputeHtml([series, other], "csv", size + 10);
    expect(embedded(html).map(({ symbol, columns }) => [symbol, columns.close.length])).toEqual([
      ["TESTUSDT", 400],
    ]);
    expect(html).toContain("OTHERUSDT.</p>");
    expect(recomputeHtml([series], "csv", size - 1)).toBe("");
  });

  it("can't end the script element that they stand in, whatever the symbol", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("</script>", "<!--", "\u2028", '"', "A") }), (symbol) => {
        const html = recomputeHtml([{ ...randomWalk(1, 60), symbol }], "csv", 1e6);
        expect(html.match(/<\/script/g)).toHaveLength(1);
        expect(embedded(html)[0].symbol).toBe(symbol);
      }),
    );
  });
});

it("the report's script has nothing that only Node has, and no eval", async () => {
  const require = createRequire(import.meta.url);
  const { build } = require("esbuild") as typeof import("esbuild");
  const entry = join(import.meta.dirname, "page", "report.js");
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "iife",
    platform: "browser",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((path) => path.endsWith("src/forecast/prophet/map.ts"))).toBe(true);
  expect(outputFiles[0].text).not.toMatch(/\beval\(|new Function|node:/);
});
