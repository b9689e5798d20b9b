// Usage: candlebook.ts fit|backtest|baselines CSV OUT LATER; CSV has columns ds,y, LATER is the day from which scores stand
// beside those of all cutoffs
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backtest } from "../../src/evaluation/backtest.ts";
import type { Series } from "../../src/forecast/forecaster.ts";
import { Prophet, prophet } from "../../src/forecast/prophet/prophet.ts";
import { forecasters } from "../../src/forecast/registry.ts";
import { onWorkers } from "../../src/forecast/workerPool.ts";
import { addDays, type Day, startOfDay } from "../../src/time/day.ts";
import { scoreOf } from "../../tools/choices.ts";

const [task, csv, out, laterFrom] = process.argv.slice(2);
const rows = readFileSync(csv, "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(","));
const days = rows.map(([day]) => day as Day);
const close = Float64Array.from(rows, ([, y]) => Number(y));
const series: Series = { symbol: "BTCUSDT", days, open: close, high: close, low: close, close };

function fitOnce(): { seconds: number; yhat: number[] } {
  const from = process.cpuUsage();
  const future = Array.from({ length: 30 }, (_, i) => addDays(days[days.length - 1], i + 1));
  const fitted = new Prophet().fit({ ds: days.map(startOfDay), y: close });
  const { yhat } = fitted.predict({ ds: [...days, ...future].map(startOfDay) });
  const { user, system } = process.cpuUsage(from);
  return { seconds: (user + system) / 1e6, yhat: Array.from(yhat) };
}

async function scores(models: Parameters<typeof backtest>[1]) {
  const from = performance.now();
  const { models: found, windows } = await backtest(series, models, { runner: onWorkers(2) });
  const later = windows.filter(({ cutoff }) => cutoff >= laterFrom);
  const seconds = (performance.now() - from) / 1000;
  return {
    seconds,
    scores: found.map(({ model, cutoffs, mape, crps, coverage80 }) => ({
      ...{ model, cutoffs, mape, crps, coverage80 },
      later: scoreOf(later.filter((window) => window.model === model)),
    })),
  };
}

const tasks: Record<string, () => object | Promise<object>> = {
  fit: () => {
    const cold = fitOnce();
    const warm = Array.from({ length: 9 }, () => fitOnce().seconds).sort((a, b) => a - b)[4];
    return { cold: cold.seconds, warm, yhat: cold.yhat };
  },
  backtest: () => scores([...forecasters(["naive"]), prophet()]),
  baselines: () => scores(forecasters(["naive", "theta", "ets"])),
};
writeFileSync(join(out, "answer.json"), JSON.stringify(await tasks[task]()));
