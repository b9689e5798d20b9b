import type { Command } from "commander";
import { priceDigits } from "../charts/theme.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { numberIn } from "../core/numbers.ts";
import type { Workspace } from "../core/workspace.ts";
import { ageText, SUMMARY_COLUMNS, type Summary, summaryRows } from "../evaluation/summary.ts";
import { MAX_HORIZON } from "../forecast/check.ts";
import { forecast } from "../forecasting/forecast.ts";
import type { ForecastResult, SymbolForecast } from "../forecasting/forecastResult.ts";
import { withOwnModels } from "../forecasting/ownModels.ts";
import { remakeForecasts } from "../forecasting/remake.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import { csvText } from "../lake/write.ts";
import { riskLines } from "../risk/riskLines.ts";
import { refuseWithout, symbolList } from "./inputs.ts";
import { withChosenModels } from "./modelOptions.ts";
import { remadeJson, remadeText } from "./remakeText.ts";
import { CRPS_WORDS, choiceWords, filledWords, rounded, scoreTable } from "./scoreTable.ts";
import { attach, type Reply, type Shell, wholeNumber } from "./shell.ts";
import { textTable } from "./table.ts";

export function registerForecast(program: Command, shell: Shell): void {
  const command = program
    .command("forecast")
    .description("forecasts of all models, with their rolling-origin evaluation")
    .option("--symbols <list>", "trading pairs, such as BTCUSDT,ETHUSDT (default: all)")
    .option("--horizon <days>", "number of days ahead", "30")
    .option("--models <list>", "models, such as naive,theta (default: all)")
    .option("--model <file...>", "models of your own: files that export what defineForecaster returns")
    .option("--publish", "replacement of a published forecast with another horizon, other symbols or models")
    .option("--csv", "the summary as CSV instead of text")
    .option(
      "--remake <id>",
      "forecasts of the diary to make again and compare: SYMBOL/MODEL/CUTOFF, or its first parts",
    );
  type Options = {
    symbols?: string;
    horizon: string;
    models?: string;
    model?: string[];
    publish?: boolean;
    csv?: boolean;
    remake?: string;
  };
  attach<Options>(
    shell,
    command,
    "candlebook forecast --symbols BTCUSDT",
    async (workspace, options, effects) => {
      if (options.remake !== undefined) {
        const isGiven = command.getOptionValueSource("horizon") === "cli";
        const given = { ...options, horizon: isGiven ? options.horizon : undefined };
        const names = ["symbols", "horizon", "models", "publish", "csv"] as const;
        refuseWithout("--remake reads them from the diary", given, names);
        return remake(workspace, { id: options.remake, files: options.model ?? [] }, effects);
      }
      const horizon = wholeNumber("--horizon", options.horizon, 1, MAX_HORIZON);
      const symbols = symbolList(options.symbols);
      const result = await withChosenModels(options, (models) =>
        forecast(workspace, { horizon, symbols, models, publish: options.publish }, effects),
      );
      const [refusal] = result.refused;
      if (result.symbols.length === 0 && refusal)
        throw inputError(refusal.code, refusal.reason, refusal.next);
      return {
        json: forecastJson(workspace, result),
        text: options.csv ? summaryCsv(workspace, result) : forecastText(workspace, result),
      };
    },
  );
}

async function remake(
  workspace: Workspace,
  { id, files }: { id: string; files: readonly string[] },
  effects: Effects,
): Promise<Reply> {
  const remade = await withOwnModels(files, (own) => remakeForecasts(workspace, { id, own }, effects));
  const refused = remade.find((one) => one.refused !== null)?.refused;
  if (refused && remade.length === 1) throw refused;
  const exit = remade.every(({ equal }) => equal) ? 0 : 1;
  return { json: remadeJson(remade), text: remadeText(remade), exit };
}

/** The result for programs: the summary, scores and models, without the stored quantiles. */
function forecastJson(workspace: Workspace, result: ForecastResult): object {
  const { horizon, symbols, refused, risk, source, skipped, published, publication } = result;
  return {
    horizon,
    source,
    skipped,
    published,
    publication,
    refused,
    summaries: summariesOf(workspace, symbols),
    symbols: symbols.map(({ forecasts, scores, ceiling, ...facts }) => ({
      ...facts,
      scores: [...scores, ceiling].map(({ byStep, byYear, ...score }) => score),
      models: forecasts.map(({ model }) => model),
    })),
    risk: risk.map(({ nextDay, ...own }) => own),
  };
}

function summaryCsv(workspace: Workspace, { symbols }: ForecastResult): string {
  return csvText(SUMMARY_COLUMNS, summaryRows(summariesOf(workspace, symbols))).trimEnd();
}

/** The result for people: the bands, their past errors, and each model's scores beside the naive. */
export function forecastText(workspace: Workspace, result: ForecastResult): string {
  const { horizon, symbols, refused, risk, skipped, publication } = result;
  const summaries = summariesOf(workspace, symbols);
  const parts = symbols.map((symbol, i) => {
    const own = risk.filter((one) => one.symbol === symbol.symbol).flatMap(riskLines);
    return [symbolText(symbol, summaries[i], horizon), ...own.map((line) => line.en)].join("\n");
  });
  const left = refused.map(({ reason, next }) => `${reason} ${next}`);
  return [...parts, ...left, skipped ? "(nothing had changed)" : publication.en].join("\n\n");
}

function symbolText(facts: SymbolForecast, summary: Summary, horizon: number): string {
  const { scored, cutoffs, scores, ceiling, filled, leftOut } = facts;
  const basis = scored
    ? [
        `Scores of ${cutoffs.length} windows of ${horizon} days from ${cutoffs[0]} on; the CRPS skill is ` +
          `over yesterday's price (naive); ${CRPS_WORDS}; the oracle knows the future volatility.`,
        ...choiceWords(scores),
        scoreTable([...scores, ceiling]),
      ]
    : [`Published unscored: the history has ${cutoffs.length} windows of ${horizon} days, a score needs 8.`];
  const missing = leftOut.map(({ model, reason }) => `omitted: ${model} (${reason})`);
  return [summaryText(summary), ...basis, ...filledWords(filled), ...missing].join("\n");
}

/** The analyst's summary of one symbol. */
function summaryText(summary: Summary): string {
  const { symbol, model, cutoff, ageHours, lastClose, bands, errors, famousMape, sentence } = summary;
  const digits = priceDigits(lastClose);
  const price = (value: number) => numberIn("en", value, digits);
  const table = textTable(
    bands.map(({ daysAhead, ds, median, lo80, hi80, lo95, hi95, rise }, i) => ({
      "days ahead": daysAhead,
      day: ds,
      "95 % from": price(lo95),
      "80 % from": price(lo80),
      median: price(median),
      "80 % to": price(hi80),
      "95 % to": price(hi95),
      "P(rise) %": rounded(100 * rise, 0),
      "MAPE %": rounded(errors[i].mape),
      "naive's": rounded(errors[i].naiveMape),
    })),
  );
  return [
    `${symbol}: last close ${price(lastClose)} on ${cutoff} (UTC), ${ageText(ageHours).en}; ${model}`,
    table,
    `The famous ${famousMape} % had seen the answer: candlebook evaluate --lesson leak`,
    sentence.en,
  ].join("\n");
}
