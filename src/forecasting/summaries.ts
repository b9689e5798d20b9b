import type { Workspace } from "../core/workspace.ts";
import { type Summary, summarize } from "../evaluation/summary.ts";
import { DEFAULT_MODEL } from "../forecast/registry.ts";
import type { SymbolForecast } from "./forecastResult.ts";

/**
 * What an analyst wants to see first, one for each symbol: the default model's forecast, or that of the first one
 * besides the naive where the default was not among the models.
 */
export function summariesOf(
  workspace: Workspace,
  symbols: readonly Omit<SymbolForecast, "leftOut">[],
): Summary[] {
  const now = workspace.clock();
  return symbols.map((found) => {
    const names = found.forecasts.map(({ model }) => model);
    const model = names.find((name) => name === DEFAULT_MODEL) ?? names.find((name) => name !== "naive");
    return summarize(found, model ?? "naive", now);
  });
}
