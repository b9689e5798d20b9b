import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { coverageChart, errorByStepChart } from "../src/charts/accuracy.ts";
import { actualChart } from "../src/charts/actual.ts";
import { candleChart } from "../src/charts/candles.ts";
import { completenessChart } from "../src/charts/completeness.ts";
import type { Figure } from "../src/charts/figure.ts";
import { forecastChart } from "../src/charts/forecast.ts";
import { scoreChart } from "../src/charts/scores.ts";
import { comparisonChart } from "../src/charts/together.ts";
import { watermarkChart } from "../src/charts/watermark.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { streamExperiment } from "../src/course/streamExperiment.ts";
import { forecast } from "../src/forecasting/forecast.ts";
import { type PictureBacktest, pictureBacktest } from "../src/forecasting/pictureBacktest.ts";
import { readForecasts } from "../src/forecasting/readForecasts.ts";
import { closeGaps } from "../src/pipeline/closeGaps.ts";
import { merge } from "../src/serving/merge.ts";
import { readDays } from "../src/serving/readDays.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { simulatedWorkspace } from "../testkit/workspace.ts";

/** Where the README's figures lie. */
export const GALLERY = join(PROJECT, "docs", "gallery");

/** The README's figures, made of the simulated market: file name without ending → figure. */
export async function galleryFigures(workspace: Workspace): Promise<Record<string, Figure>> {
  const source = "simulated";
  const { days } = await readDays(workspace);
  const symbol = days[0].symbol;
  const mine = days.filter((day) => day.symbol === symbol);
  const { symbols } = await readForecasts(workspace);
  const [fan] = symbols.filter((one) => one.symbol === symbol);
  const model = "random_walk_ensemble";
  const past = (await pictureBacktest(workspace, { symbol })) as PictureBacktest;
  const batch = await readDays(workspace, { symbol, table: "daily_batch" });
  const { arrivals } = await streamExperiment(workspace, { symbol, delayMinutes: 150 });
  return {
    candles: candleChart(mine, { source, last: "6m" }),
    minutes: completenessChart(batch.days, { source }),
    watermark: watermarkChart(arrivals, { symbol, source }),
    prices: comparisonChart(days.slice(), { source }),
    forecast: forecastChart(mine, fan, { source, model }),
    scores: scoreChart(fan, { source }),
    "error-by-step": errorByStepChart(past, { source }),
    coverage: coverageChart(past, { source, model }),
    actual: actualChart(past.rows, { source, model }),
  };
}

/** Two machines' logarithms move a line by less than that, and a reader sees what moves by more. */
const PIXELS = 1;

/** Where two SVG documents differ, in words or by more than a pixel: the first few places. */
export function drawnDifferently(committed: string, made: string): string[] {
  const [a, b] = [committed, made].map((svg) => svg.trim().split(/(?<=>)|(?=<)/));
  if (a.length !== b.length) return [`${a.length} parts, ${b.length} now`];
  const NUMBER = /-?\d+(?:\.\d+)?/g;
  const different = a.flatMap((part, i) => {
    if (part === b[i]) return [];
    const [x, y] = [part, b[i]].map((text) => (text.match(NUMBER) ?? []).map(Number));
    const same =
      part.startsWith("<") &&
      part.replace(NUMBER, "#") === b[i].replace(NUMBER, "#") &&
      x.every((value, k) => Math.abs(value - y[k]) <= PIXELS);
    return same ? [] : [`${part.slice(0, 80)}, now ${b[i].slice(0, 80)}`];
  });
  return different.slice(0, 3);
}

if (process.argv[1] === import.meta.filename) {
  const workspace = await simulatedWorkspace("merge");
  try {
    // As npm start: that market's own exchange has what its files lack.
    await closeGaps(workspace);
    await merge(workspace);
    await forecast(workspace);
    await rm(GALLERY, { recursive: true, force: true });
    await mkdir(GALLERY, { recursive: true });
    for (const [name, figure] of Object.entries(await galleryFigures(workspace))) {
      const svg = figure.svg();
      await writeFile(join(GALLERY, `${name}.svg`), `${svg}\n`);
      process.stdout.write(
        `docs/gallery/${name}.svg: ${Math.round(svg.length / 1000)} kB. ${figure.alt.en}\n`,
      );
    }
  } finally {
    await rm(workspace.root, { recursive: true, force: true });
  }
}
