import { expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import type { Text } from "../core/text.ts";
import { riskRows } from "../risk/riskRows.ts";
import { scoreRisk } from "../risk/scoreRisk.ts";
import { riskChart } from "./risk.ts";

it("marks the days whose change was beyond the bounds of the day before", () => {
  const rows = riskRows(randomWalk(3, 700));
  const nextDay = rows.filter((row) => row.model === "har" && row.steps_ahead === 1);
  const scores = scoreRisk(rows);
  const { cutoff } = nextDay[nextDay.length - 1];
  const risk = { symbol: "TESTUSDT", cutoff, model: "har" as const, latest: [], nextDay, scores };
  const figure = riskChart(risk, { source: "csv" });
  const last = nextDay.slice(-365);
  const beyond = last.filter(
    ({ change, var95_low, var95_high }) =>
      change !== null && (change < (var95_low as number) || change > (var95_high as number)),
  );
  expect(beyond.length).toBeGreaterThan(10);
  const points = figure.interactive.data.find(({ name }) => (name as unknown as Text).en === "beyond 95 %");
  expect(points).toMatchObject({ x: beyond.map(({ ds }) => ds), y: beyond.map(({ change }) => change) });
  // The outcome of the last forecast has not come.
  expect(figure.alt.en).toContain(`of 364 days, ${beyond.length} were beyond the bounds of 95 %`);
  expect(figure.svg()).toContain("standard deviation of the next day");
});
