import type { Workspace } from "../src/core/workspace.ts";
import type { Forecast, Series } from "../src/forecast/forecaster.ts";
import { forecasters } from "../src/forecast/registry.ts";
import { inThisThread } from "../src/forecast/runner.ts";
import { keepDiary } from "../src/forecasting/diary.ts";
import { publishForecastInput } from "../src/forecasting/forecastInput.ts";
import { readSeries, requireInput } from "../src/forecasting/inputSeries.ts";
import { publishInput } from "./forecastInput.ts";

/** Publishes series, their forecasts' input and the forecasts in the diary, as `forecast` does, without evaluation. */
export async function forecastIntoDiary(
  workspace: Workspace,
  all: readonly Series[],
  { models, horizon }: { models: readonly string[]; horizon: number },
): Promise<void> {
  await publishInput(workspace, all);
  const input = await requireInput(workspace);
  const series = await readSeries(workspace, input, undefined, {});
  const { source } = input.manifest;
  await publishForecastInput(workspace, { inputs: [], source }, series, {});
  const symbols = [];
  for (const one of series) {
    const days = one.days.length;
    const tasks = forecasters(models).map((model) => ({ model, trainDays: days, horizon }));
    const forecasts = (await inThisThread(one, tasks, {})) as Forecast[];
    const { symbol } = one;
    symbols.push({ symbol, cutoff: one.days[days - 1], lastClose: one.close[days - 1], forecasts });
  }
  await keepDiary(workspace, { input, series, symbols }, {});
}
