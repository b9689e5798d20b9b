import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "../candle/candle.ts";
import { assetOf } from "../candle/symbol.ts";
import { coverageChart, errorByStepChart, errorByYearChart } from "../charts/accuracy.ts";
import { actualChart } from "../charts/actual.ts";
import { candleChart } from "../charts/candles.ts";
import { completenessChart } from "../charts/completeness.ts";
import { componentsChart } from "../charts/components.ts";
import type { Figure } from "../charts/figure.ts";
import { forecastChart } from "../charts/forecast.ts";
import { originCalendar } from "../charts/originCalendar.ts";
import { toHtmlPage } from "../charts/page.ts";
import { toPng } from "../charts/png.ts";
import { reconciliationChart } from "../charts/reconciliation.ts";
import { riskChart } from "../charts/risk.ts";
import { scoreChart } from "../charts/scores.ts";
import { comparisonChart, correlationChart, drawdownChart, volatilityChart } from "../charts/together.ts";
import type { Effects } from "../core/effects.ts";
import { throwIfAborted } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { prophetComponents } from "../forecast/prophet/prophet.ts";
import type { SymbolForecast } from "../forecasting/forecastResult.ts";
import { readSeries, requireInput } from "../forecasting/inputSeries.ts";
import { pictureBacktest } from "../forecasting/pictureBacktest.ts";
import { readForecasts } from "../forecasting/readForecasts.ts";
import { readRisk } from "../forecasting/readRisk.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import { readManifest } from "../lake/manifest.ts";
import { publishedAlready, publishTable } from "../lake/publish.ts";
import { candlesTable } from "../lake/seriesTables.ts";
import { publishedIntervals, readCandles } from "../serving/readCandles.ts";
import { type DaysOfTable, readDays } from "../serving/readDays.ts";
import { reconciliation } from "../serving/reconciliation.ts";
import { resultRows } from "../serving/resultRows.ts";

const STAGE_VERSION = 9;

/** Of the candles of an interval, so many of the last are drawn. */
const MOST_CANDLES = 2_000;

/** The figures of each symbol that its days suffice for, by name. */
const DAY_FIGURES = {
  candles: candleChart,
  minutes: completenessChart,
  origins: originCalendar,
} satisfies Record<string, (days: DaysOfTable["days"], options: { source: Source }) => Figure>;

/** The tables of the figures; forecasts are missing if every history was too short. */
const INPUTS = [
  "daily_filled",
  "daily_batch",
  "streaming_output",
  "reconciliation",
  "prophet_forecasts",
  "forecast_quantiles",
  "prophet_metrics",
  "prophet_results",
  "risk_forecasts",
];

export interface FiguresResult {
  /** `prophet_visualizations`, relative to the workspace. */
  path: string;
  /** Number of files in it: three for each figure. */
  files: number;
  skipped: boolean;
}

/**
 * Publishes the figures of each symbol as `prophet_visualizations/<asset>_<figure>.html`, `.svg` and `.png`: candles,
 * minutes and origins by day, the last candles of each published interval, the layers over one another where the batch
 * and the speed layer overlap, and, if there is a forecast, its fan, the models' scores and the risk. Several symbols
 * together: `together_<figure>`.
 * @throws CandlebookError `no_input` (exit 2) if no day is published yet
 */
export async function figures(workspace: Workspace, effects: Effects = {}): Promise<FiguresResult> {
  const { manifest } = await requireInput(workspace);
  const inputs = [];
  const folded = (await publishedIntervals(workspace)).map(candlesTable);
  for (const name of [...INPUTS, ...folded]) {
    const version = (await readManifest(workspace, name))?.id;
    if (version !== undefined) inputs.push({ name, version });
  }
  const recipe = {
    table: "prophet_visualizations",
    stage: "figures",
    parameters: { version: STAGE_VERSION, figures: Object.keys(DAY_FIGURES) },
    inputs,
    source: manifest.source,
  };
  const path = "data_analysis/prophet_visualizations";
  const drawing = { workspace, source: manifest.source, effects };
  const ready = await publishedAlready(workspace, recipe);
  const published =
    ready ??
    (await publishTable(workspace, recipe, async (folder) => ({
      rows: await writeFigures(drawing, folder),
    })));
  return { path, files: published.manifest.parts.length, skipped: published.skipped };
}

/** What each figure is drawn from. */
interface Drawing {
  workspace: Workspace;
  /** Whose prices these are. */
  source: Source;
  effects: Effects;
}

/** By the end of their files' names. */
type Figures = Record<string, Figure>;

/** @returns the number of figures */
async function writeFigures(drawing: Drawing, folder: string): Promise<number> {
  const { workspace, source, effects } = drawing;
  const { days } = await readDays(workspace, {}, effects);
  const { symbols: forecasts } = await readForecasts(workspace, effects);
  const risks = await readRisk(workspace, effects);
  const symbols = [...new Set(days.map((day) => day.symbol))];
  let count = 0;
  const write = async (prefix: string, made: Figures) => {
    for (const [name, figure] of Object.entries(made)) {
      throwIfAborted(effects.signal);
      const file = join(folder, `${prefix}_${name}`);
      await writeFile(`${file}.html`, toHtmlPage(figure));
      await writeFile(`${file}.svg`, figure.svg());
      await writeFile(`${file}.png`, toPng(figure));
      count += 1;
    }
  };
  for (const [i, symbol] of symbols.entries()) {
    effects.progress?.({ stage: "figures", note: symbol, done: i, total: symbols.length });
    const mine = days.filter((day) => day.symbol === symbol);
    const fan = forecasts.find((one) => one.symbol === symbol);
    await write(assetOf(symbol), figuresOf(drawing, mine, fan));
    await write(assetOf(symbol), await intervalFigures(drawing, symbol));
    if (fan?.scored) await write(assetOf(symbol), await accuracyFigures(drawing, fan));
    const risk = risks.find((one) => one.symbol === symbol);
    if (risk) await write(assetOf(symbol), { risk: riskChart(risk, { source }) });
    await write(assetOf(symbol), await layerFigures(drawing, symbol));
  }
  if (symbols.length > 1) await write("together", await togetherFigures(drawing, days));
  return count;
}

/** The last candles of each published interval. */
async function intervalFigures({ workspace, source, effects }: Drawing, symbol: string): Promise<Figures> {
  const figures: Figures = {};
  for (const interval of await publishedIntervals(workspace, symbol)) {
    const { candles } = await readCandles(workspace, { symbol, interval, last: MOST_CANDLES }, effects);
    figures[candlesTable(interval)] = candleChart(candles, { source });
  }
  return figures;
}

/** The two layers over one another, if both have a day of the symbol. */
async function layerFigures({ workspace, source, effects }: Drawing, symbol: string): Promise<Figures> {
  const { rows } = await reconciliation(workspace, { symbol }, effects);
  const pair = rows.filter((row) => row.layer_a === "batch" && row.layer_b === "speed");
  if (pair.length === 0) return {};
  const [batch, speed] = await Promise.all(
    (["daily_batch", "streaming_output"] as const).map((table) =>
      readDays(workspace, { symbol, table }, effects),
    ),
  );
  const layers = { a: { label: "batch", days: batch.days }, b: { label: "speed", days: speed.days } };
  return { layers: reconciliationChart({ ...layers, rows: pair }, { source, symbol }) };
}

async function togetherFigures(
  { workspace, source, effects }: Drawing,
  days: DaysOfTable["days"],
): Promise<Figures> {
  const rolled = await resultRows(workspace, "rolling_correlation", effects);
  return {
    prices: comparisonChart(days, { source }),
    drawdown: drawdownChart(await resultRows(workspace, "drawdown", effects), { source }),
    volatility: volatilityChart(await resultRows(workspace, "volatility", effects), { source }),
    ...(rolled.length === 0 ? {} : { correlation: correlationChart(rolled, { source }) }),
  };
}

function figuresOf(
  { workspace, source }: Drawing,
  days: DaysOfTable["days"],
  fan: SymbolForecast | undefined,
): Figures {
  const drawn = Object.entries(DAY_FIGURES).map(([name, draw]) => [name, draw(days, { source })]);
  return {
    ...Object.fromEntries(drawn),
    ...(fan === undefined
      ? {}
      : {
          forecast: forecastChart(days, fan, { source, model: summariesOf(workspace, [fan])[0].model }),
          ...(fan.scored ? { scores: scoreChart(fan, { source }) } : {}),
        }),
  };
}

/** The models' errors in the backtest, and the decomposition of Prophet. */
async function accuracyFigures(
  { workspace, source, effects }: Drawing,
  fan: SymbolForecast,
): Promise<Figures> {
  const { symbol } = fan;
  const { model } = summariesOf(workspace, [fan])[0];
  const [series] = await readSeries(workspace, await requireInput(workspace), [symbol], effects);
  const past = await pictureBacktest(workspace, { symbol }, effects);
  return {
    ...(past === null
      ? {}
      : {
          error_by_step: errorByStepChart(past, { source }),
          error_by_year: errorByYearChart(past, { source }),
          coverage: coverageChart(past, { source, model }),
          actual: actualChart(past.rows, { source, model }),
        }),
    components: componentsChart(prophetComponents(series), { source }),
  };
}
