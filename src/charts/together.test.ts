import { describe, expect, it } from "vitest";
import { dayRow, dayRows } from "../../testkit/tables.ts";
import { completenessChart } from "./completeness.ts";
import type { Figure } from "./figure.ts";
import { inLanguage } from "./inLanguage.ts";
import { originCalendar } from "./originCalendar.ts";
import { reconciliationChart } from "./reconciliation.ts";
import { comparisonChart, correlationChart, drawdownChart, volatilityChart } from "./together.ts";

const source = "csv" as const;
type Trace = { type: string; name?: string; x: unknown[]; y: unknown[]; z?: unknown[][] };
const traces = (figure: Figure) => inLanguage(figure.interactive.data, "en") as Trace[];
const two = [...dayRows("2024-01-01", 5), ...dayRows("2024-01-03", 5, { symbol: "ETHUSDT" })];

describe("figures of several symbols", () => {
  it("start at 100 on the first day that all have", () => {
    const figure = comparisonChart(two.toReversed(), { source });
    expect(traces(figure).map(({ name, x, y }) => [name, x[0], y[0], x.length])).toEqual([
      ["BTCUSDT", "2024-01-03", 100, 3],
      ["ETHUSDT", "2024-01-03", 100, 5],
    ]);
    expect(figure.alt.en).toContain("BTCUSDT 102, ETHUSDT 104");
    expect(figure.svg()).toMatch(/^<svg .*ETHUSDT.*<\/svg>$/s);
  });

  it("break their line where a day has no value", () => {
    const rows = [-1, null, -5].map((value, i) => ({
      symbol: "BTCUSDT",
      day: `2024-01-0${2 * i + 1}`,
      volatility_percent: value,
    }));
    expect(traces(volatilityChart(rows, { source }))[0].y).toEqual([-1, null, null, null, -5]);
  });

  it("name the deepest drawdown and the range of a correlation", () => {
    const falls = [0, -10, -25, -5].map((percent, i) => ({
      symbol: "BTCUSDT",
      day: `2024-01-0${i + 1}`,
      drawdown_percent: percent,
    }));
    expect(drawdownChart(falls, { source }).alt.en).toContain("BTCUSDT −25.0 % on 2024-01-03");
    const pair = { symbol_a: "BTCUSDT", symbol_b: "ETHUSDT" };
    const rolled = [0.5, 0.25].map((value, i) => ({ ...pair, day: `2024-01-0${i + 1}`, correlation: value }));
    expect(correlationChart(rolled, { source }).alt.en).toContain("BTCUSDT and ETHUSDT: from 0.25 to 0.50");
  });

  it("say so where there is nothing to draw", () => {
    for (const figure of [comparisonChart, drawdownChart, volatilityChart, correlationChart]) {
      expect(() => figure([], { source })).toThrow(/No rows to draw/);
    }
  });
});

describe("calendars", () => {
  it("colour each day by its origin, once, and count them", () => {
    const days = [
      dayRow("2024-01-31", 1),
      dayRow("2024-02-01", 2, { origin: "filled", minutes: 0 }),
      dayRow("2024-02-03", 3, { origin: "speed", complete: false }),
    ];
    const figure = originCalendar(days, { source });
    const { z } = traces(figure)[0];
    expect(z?.flat().filter((kind) => kind !== null)).toEqual([0, 3, 5, 4]);
    expect(figure.alt.en).toContain(
      "1 batch: own minutes, 1 filled: carried forward, 1 not over yet, 1 no row",
    );
  });

  it("count the minutes that days lack", () => {
    const days = [dayRow("2024-01-01", 1), dayRow("2024-01-03", 1, { minutes: 1400 })];
    const figure = completenessChart(days, { source });
    expect(figure.alt.en).toContain("3 days, 1,480 minutes missing of 4,320");
    expect(traces(figure)[0].z).toEqual([[0, 4, 2]]);
  });
});

describe("reconciliationChart", () => {
  const row = (day: string, cause: string | null, relative: number | null) => ({
    ...{ symbol: "BTCUSDT", day, field: "high", layer_a: "batch", layer_b: "speed" },
    ...{ difference: relative ?? 0, relative, cause },
  });
  const parts = {
    a: { label: "batch", days: dayRows("2024-01-01", 40) },
    b: { label: "speed", days: dayRows("2024-01-31", 40, { origin: "speed" }) },
    rows: [row("2024-01-31", null, 1e-12), row("2024-02-01", "late_events", -0.02)],
  };

  it("shows the overlap with ten days around it, and counts only real differences", () => {
    const figure = reconciliationChart(parts, { source });
    const [a, b, differences] = traces(figure).filter(({ type }) => type === "bar");
    expect([a.x[0], a.x.length, b.x[0], b.x.at(-1)]).toEqual(["2024-01-21", 20, "2024-01-31", "2024-02-11"]);
    expect(differences.y).toEqual([0, 2]);
    expect(figure.alt.en).toContain("2 days in both layers, 1 equal; different: late events");
    expect(figure.svg()).toContain("largest difference of the day");
  });

  it("says so where no day is in both", () => {
    expect(() => reconciliationChart({ ...parts, rows: [] }, { source })).toThrow(/is in both layers/);
  });
});
