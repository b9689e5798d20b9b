import { type DailyCandle, NO_FIGURES, type Source } from "../candle/candle.ts";
import { parseSymbol } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { type JudgedModel, judge } from "../evaluation/judge/judge.ts";
import type { ForecastDay } from "../evaluation/judge/windows.ts";
import type { Series } from "../forecast/forecaster.ts";
import { type Lake, withLake } from "../lake/session.ts";
import type { Day } from "../time/day.ts";
import { readSeries, requireInput, toSeries } from "./inputSeries.ts";
import { openFile, readForecastFile } from "./scoreInput.ts";

export interface ScoreOptions {
  /** CSV or Parquet, forecasts of any models and symbols. */
  files: readonly string[];
  /** A file of closes, `symbol`, `ds` and `y`; default: the table `prophet_input`. */
  outcomes?: string;
}

export interface ScoreResult {
  /** Whose closes the forecasts were compared with. */
  source: Source;
  /** By symbol, then by name of the model. */
  models: JudgedModel[];
}

/**
 * Judges forecasts that anyone has made, beside the naive ones: scores, skill with its interval, tests, and suspected
 * leaks. Nothing is published.
 *
 * ```ts
 * const { models } = await scoreFiles(workspace, { files: ["theirs.csv"] });
 * ```
 * @throws CandlebookError those of `readForecastFile`, `forecast_twice`, `no_input`, `unknown_symbol`, `bad_outcome`
 *   (exit 2)
 */
export async function scoreFiles(
  workspace: Workspace,
  { files, outcomes }: ScoreOptions,
  effects: Effects = {},
): Promise<ScoreResult> {
  return withLake(workspace, effects, async (lake) => {
    const forecasts: ForecastDay[] = [];
    for (const file of files) forecasts.push(...(await readForecastFile(lake, file)));
    requireOnce(forecasts);
    const symbols = [...new Set(forecasts.map(({ symbol }) => symbol))].sort();
    const { source, series } = await closesOf(workspace, { lake, symbols, outcomes }, effects);
    const models = series.flatMap((one) =>
      judge(
        one,
        forecasts.filter(({ symbol }) => symbol === one.symbol),
      ),
    );
    return { source, models };
  });
}

function requireOnce(forecasts: readonly ForecastDay[]): void {
  const seen = new Set<string>();
  for (const { symbol, model, cutoff, ds } of forecasts) {
    const key = [symbol, model, cutoff, ds].join("\n");
    if (seen.has(key)) {
      throw inputError(
        "forecast_twice",
        `${model} of ${symbol} forecasts ${ds} from ${cutoff} in two files.`,
        "Give each model a name of its own, or leave one of the files out.",
      );
    }
    seen.add(key);
  }
}

async function closesOf(
  workspace: Workspace,
  { lake, symbols, outcomes }: { lake: Lake; symbols: readonly string[]; outcomes?: string },
  effects: Effects,
): Promise<{ source: Source; series: Series[] }> {
  if (outcomes !== undefined) return { source: "csv", series: await readOutcomes(lake, outcomes, symbols) };
  const input = await requireInput(workspace);
  return { source: input.manifest.source, series: await readSeries(workspace, input, symbols, effects) };
}

async function readOutcomes(lake: Lake, file: string, symbols: readonly string[]): Promise<Series[]> {
  const { sql, columns } = await openFile(lake, file, ["symbol", "ds", "y"]);
  const rows = await lake.rows<{ symbol: string; day: Day | null; close: number | null; line: number }>(`
    SELECT ${columns.get("symbol")}::VARCHAR AS symbol, row_number() OVER ()::DOUBLE AS line,
      TRY_CAST(${columns.get("ds")}::VARCHAR AS TIMESTAMP)::DATE::VARCHAR AS day,
      TRY_CAST(${columns.get("y")}::VARCHAR AS DOUBLE) AS close
    FROM ${sql} ORDER BY 1, 3`);
  const bad = rows.find(
    ({ symbol, day, close }, i) =>
      day === null || !((close ?? 0) > 0) || (rows[i - 1]?.symbol === symbol && rows[i - 1].day === day),
  );
  if (bad !== undefined) {
    throw inputError(
      "bad_outcome",
      `${file}, row ${bad.line}: ${bad.symbol} ${bad.day ?? "(no day)"} has no single close above 0.`,
      "One row for each symbol and day, with the columns symbol, ds, y.",
    );
  }
  return symbols.map((symbol) => {
    const own = rows.filter((row) => parseSymbol(row.symbol) === symbol);
    if (own.length > 0)
      return toSeries(own.map(({ day, close }) => candleOf(symbol, day as Day, close as number)));
    throw inputError("unknown_symbol", `There is no ${symbol} in ${file}.`, "Add its closes to the file.");
  });
}

/** A day of which only the close is known. */
function candleOf(symbol: string, day: Day, close: number): DailyCandle {
  const prices = { open: close, high: close, low: close, close };
  return { symbol, day, ...prices, ...NO_FIGURES, minutes: null, volume: 0, origin: "batch", complete: true };
}
