import { expect, it } from "vitest";
import type { Day } from "../time/day.ts";
import { fanMarks } from "./forecast.ts";

/** The lightness of a colour laid over white, 0 to 255. */
function lightness(colour: string, opacity: number): number {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return 255 - opacity * (255 - (0.3 * red + 0.59 * green + 0.11 * blue));
}

it("gives each band of a fan a swatch that the legend's others are not taken for", () => {
  const quantiles = Array.from({ length: 21 }, (_, i) => 90 + i);
  const steps = [{ ds: "2025-01-02" as Day, yhat: 100, quantiles }];
  const forecast = { model: "prophet", cutoff: "2025-01-01" as Day, steps } as never;
  const marks = fanMarks({ symbol: "BTCUSDT", forecasts: [forecast], scores: [] }, forecast);
  const swatches = marks.flatMap((mark) =>
    mark.kind === "band" ? lightness(mark.colour, mark.opacity) : [],
  );
  expect(swatches).toHaveLength(3);
  for (const [i, swatch] of swatches.slice(1).entries()) expect(swatches[i] - swatch).toBeGreaterThan(20);
});
