import { describe, expect, it } from "vitest";
import type { Series } from "../forecast/forecaster.ts";
import type { Day } from "../time/day.ts";
import { dataHash } from "./inputSeries.ts";

const prices = Float64Array.from([1, 2, 3]);
const seriesOf = (variance: number): Series => ({
  symbol: "BTCUSDT",
  days: ["2025-01-01", "2025-01-02", "2025-01-03"] as Day[],
  open: prices,
  high: prices,
  low: prices,
  close: prices,
  variance: Float64Array.from([variance, Number.NaN, 0.0004]),
});

describe("dataHash", () => {
  it("is the same where two kernels' logarithms differ in the last bit, and another where the variance does", () => {
    const [node, deno] = [0.003085821734435835, 0.0030858217344358354];
    expect(node).not.toBe(deno);
    expect(dataHash(seriesOf(node), 3)).toBe(dataHash(seriesOf(deno), 3));
    expect(dataHash(seriesOf(0.003085822), 3)).not.toBe(dataHash(seriesOf(node), 3));
  });
});
