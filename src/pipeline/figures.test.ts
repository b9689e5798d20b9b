import { readdir, readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import { candles } from "../batch/candles.ts";
import type { Workspace } from "../core/workspace.ts";
import { forecast } from "../forecasting/forecast.ts";
import { merge } from "../serving/merge.ts";
import { figures } from "./figures.ts";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await scratchWorkspace();
  const eth = { symbol: "ETHUSDT" };
  await putTable(workspace, "daily_batch", [
    ...dayRows("2024-01-01", 100),
    ...dayRows("2024-01-01", 100, eth),
  ]);
  const live = { origin: "speed" as const };
  await putTable(workspace, "streaming_output", dayRows("2024-01-01", 110, live).slice(95));
  await merge(workspace);
  await candles(workspace, { interval: "1w" });
});
afterAll(() => rm(workspace.root, { recursive: true }));

it("publishes each symbol's figures, those of published intervals, the layers where they overlap, and the symbols together", async () => {
  const { path, skipped } = await figures(workspace);
  const files = await readdir(`${workspace.root}/${path}`);
  const names = new Set(files.map((file) => file.replace(/\.\w+$/, "")));
  const each = (prefix: string, ...figure: string[]) => figure.map((name) => `${prefix}_${name}`);
  expect([...names].sort()).toEqual([
    ...each("btc", "candles", "candles_1w", "layers", "minutes", "origins"),
    ...each("eth", "candles", "minutes", "origins"),
    ...each("together", "correlation", "drawdown", "prices", "volatility"),
  ]);
  expect(files).toHaveLength(3 * names.size);
  expect(skipped).toBe(false);
  expect((await figures(workspace)).skipped).toBe(true);
});

it("draws the default model's fan, not that of the first that is there", async () => {
  await forecast(workspace, { models: ["naive", "drift", "random_walk_ensemble"] });
  const { path } = await figures(workspace);
  const svg = await readFile(`${workspace.root}/${path}/btc_forecast.svg`, "utf8");
  expect(svg).toContain("forecast by random_walk_ensemble");
  expect(svg).not.toContain("drift");
});
