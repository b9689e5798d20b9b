import type { Command } from "commander";
import { inputError } from "../core/errors.ts";
import { forecast } from "../pipeline/forecast.ts";
import type { ForecastResult, SymbolForecast } from "../pipeline/forecastResult.ts";
import { symbolList } from "./inputs.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import { textTable } from "./table.ts";

export function registerForecast(program: Command, shell: Shell): void {
  const command = program
    .command("forecast")
    .description("forecasts of all models with their rolling-origin evaluation")
    .option("--symbols <list>", "such as BTCUSDT,ETHUSDT (default: all)")
    .option("--horizon <days>", "days ahead", "30")
    .option("--models <list>", "such as naive,theta (default: all)");
  type Options = { symbols?: string; horizon: string; models?: string };
  attach<Options>(
    shell,
    command,
    "candlebook forecast --symbols BTCUSDT",
    async (workspace, options, effects) => {
      const horizon = wholeNumber("--horizon", options.horizon, 1, 3650);
      const { symbols, models } = options;
      const chosen = { horizon, symbols: symbolList(symbols), models: models?.split(",") };
      const result = await forecast(workspace, chosen, effects);
      const [refusal] = result.refused;
      if (result.symbols.length === 0 && refusal)
        throw inputError(refusal.code, refusal.reason, refusal.next);
      return { json: forecastJson(result), text: forecastText(result) };
    },
  );
}

/** What programs get: scores and the published bands, without the stored quantiles. */
export function forecastJson({ horizon, symbols, refused, source, skipped }: ForecastResult): object {
  return {
    horizon,
    source,
    skipped,
    refused,
    symbols: symbols.map(({ forecasts, scores, ...facts }) => ({
      ...facts,
      scores: scores.map(({ byStep, byYear, ...score }) => score),
      models: forecasts.map(({ model }) => model),
    })),
  };
}

/** What a person wants to see first: where it starts, and how each model fared beside the naive. */
export function forecastText({ horizon, symbols, refused, skipped }: ForecastResult): string {
  const parts = symbols.map((symbol) => symbolText(symbol, horizon));
  const left = refused.map(({ reason, next }) => `${reason} ${next}`);
  return [...parts, ...left, ...(skipped ? ["(nothing had changed)"] : [])].join("\n\n");
}

function symbolText(facts: SymbolForecast, horizon: number): string {
  const { symbol, cutoff, days, lastClose, scored, cutoffs, scores, leftOut } = facts;
  const head = `${symbol}: ${days} days up to ${cutoff}, last close ${lastClose}, ${horizon} days ahead`;
  const table = textTable(
    scores.map((score) => ({
      model: score.model,
      "MAPE %": rounded(score.mape),
      "CRPS %": rounded(score.crps),
      "in 80 %": rounded(score.coverage80),
      "in 95 %": rounded(score.coverage95),
      skill: rounded(score.skill, 3),
    })),
  );
  const basis = scored
    ? `Scores of ${cutoffs.length} windows from ${cutoffs[0]} on; skill is against yesterday's price (naive).\n${table}`
    : `Published unscored: ${cutoffs.length} windows of ${horizon} days fit in, 8 are needed for a score.`;
  const missing = leftOut.map(({ model, reason }) => `left out: ${model} (${reason})`);
  return [head, basis, ...missing].join("\n");
}

function rounded(value: number | null, digits = 2): number | null {
  return value === null ? null : Number(value.toFixed(digits));
}
