import { describe, expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { CandlebookError } from "../core/errors.ts";
import { drift } from "./drift.ts";
import type { Forecaster } from "./forecaster.ts";
import { forecasters } from "./registry.ts";
import { inThisThread } from "./runner.ts";
import { onWorkers } from "./workerPool.ts";

const series = randomWalk(1, 700);
const tasks = forecasters().flatMap((model) =>
  [650, 300, 500, 400].map((trainDays) => ({ model, trainDays, horizon: 5 })),
);

describe("onWorkers", () => {
  it.each([1, 2, 5])("gives the same bits on %d workers as in one thread", async (workers) => {
    const here = await inThisThread(series, tasks, {});
    expect(await onWorkers(workers)(series, tasks, {})).toEqual(here);
  });

  it("hands out the longest first and reports each", async () => {
    const seen: number[] = [];
    await onWorkers(1)(series, tasks.slice(0, 4), { onDone: ({ trainDays }) => seen.push(trainDays) });
    expect(seen).toEqual([650, 500, 400, 300]);
  });

  it("brings a refusal back as what it was", async () => {
    const [model] = forecasters(["naive"]);
    const [answer] = await onWorkers(1)(series, [{ model, trainDays: 30, horizon: 5 }], {});
    expect(answer).toBeInstanceOf(CandlebookError);
    expect(answer).toMatchObject({ code: "series_too_short", exit: 2 });
    expect((answer as CandlebookError).next).toContain("--from");
  });

  it("runs a model that only this thread knows here", async () => {
    const own: Forecaster = { ...drift(), name: "own", spec: undefined };
    const mixed = [{ model: own, trainDays: 500, horizon: 3 }, tasks[0]];
    expect(await onWorkers(2)(series, mixed, {})).toEqual(await inThisThread(series, mixed, {}));
  });

  it("stops its workers when aborted", async () => {
    const controller = new AbortController();
    const many = Array.from({ length: 5000 }, (_, i) => tasks[i % tasks.length]);
    const run = onWorkers(2)(series, many, { signal: controller.signal, onDone: () => controller.abort() });
    await expect(run).rejects.toMatchObject({ code: "interrupted", exit: 130 });
    await expect(onWorkers(2)(series, tasks, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      exit: 130,
    });
  });

  it("throws what is no refusal", async () => {
    const broken = { ...drift(), spec: { name: "no_such_model" } };
    await expect(onWorkers(1)(series, [{ model: broken, trainDays: 500, horizon: 3 }], {})).rejects.toThrow(
      "no_such_model",
    );
  });
});
