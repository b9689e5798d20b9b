import { type Command, Option } from "commander";
import { evaluateLesson, type LeakLesson } from "../course/leakLesson.ts";
import type { Evaluation } from "../evaluation/backtest.ts";
import { DETAIL_COLUMNS, detailRows } from "../evaluation/evaluationRows.ts";
import { MAX_HORIZON } from "../forecast/check.ts";
import { evaluate } from "../forecasting/evaluate.ts";
import { csvText } from "../lake/write.ts";
import { refuseWithout, symbolList } from "./inputs.ts";
import { withChosenModels } from "./modelOptions.ts";
import { CRPS_WORDS, choiceWords, filledWords, percent, rounded, scoreTable } from "./scoreTable.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import { textTable } from "./table.ts";

interface Options {
  symbols?: string;
  models?: string;
  model?: string[];
  horizon: string;
  step?: string;
  initial?: string;
  lesson?: "leak";
  csv?: boolean;
}

export function registerEvaluate(program: Command, shell: Shell): void {
  const command = program
    .command("evaluate")
    .description("rolling-origin evaluation only: scores by model, by step ahead and by year")
    .option("--symbols <list>", "trading pairs, such as BTCUSDT,ETHUSDT (default: all)")
    .option("--models <list>", "naive and other models, such as naive,theta (default: all)")
    .option("--model <file...>", "models of your own: files that export what defineForecaster returns")
    .option("--horizon <days>", "number of days ahead", "30")
    .option("--step <days>", "days from one cutoff to the next (default: the horizon)")
    .option(
      "--initial <days>",
      "days for training only (default: three years, or a third of a short history)",
    )
    .addOption(
      new Option("--lesson <name>", "an experiment on a common mistake, instead of an evaluation").choices([
        "leak",
      ]),
    )
    .option("--csv", "all scores as CSV instead of text");
  attach<Options>(
    shell,
    command,
    "candlebook evaluate --models naive,random_walk_ensemble --step 7",
    async (workspace, options, effects) => {
      const symbols = symbolList(options.symbols);
      if (options.lesson) {
        refuseWithout("the lesson has its own models and days", options, [
          "models",
          "step",
          "initial",
          "csv",
        ]);
        const { lessons } = await evaluateLesson(workspace, { symbols }, effects);
        return { json: { lessons: lessons.map(lessonJson) }, text: lessons.map(lessonText).join("\n\n") };
      }
      const days = (name: "step" | "initial") =>
        options[name] === undefined ? undefined : wholeNumber(`--${name}`, options[name], 1, 36_500);
      const horizon = wholeNumber("--horizon", options.horizon, 1, MAX_HORIZON);
      const plan = { horizon, step: days("step"), initial: days("initial") };
      const { evaluations } = await withChosenModels(options, (models) =>
        evaluate(workspace, { symbols, models, ...plan }, effects),
      );
      const text = options.csv
        ? csvText(DETAIL_COLUMNS, evaluations.flatMap(detailRows)).trimEnd()
        : evaluations.map(evaluationText).join("\n\n");
      return { json: { evaluations: evaluations.map(({ windows, ...rest }) => rest) }, text };
    },
  );
}

function evaluationText(evaluation: Evaluation): string {
  const { symbol, scored, cutoffs, horizon, step, models, ceiling, leftOut } = evaluation;
  const head = `${symbol}: ${cutoffs.length} cutoffs, ${horizon} days ahead, ${step} days apart`;
  const omitted = leftOut.map(({ model, reason }) => `omitted: ${model} (${reason})`);
  const missing = [...filledWords(evaluation.filled), ...omitted];
  if (!scored) return [`${head}: unscored, a score needs 8.`, ...missing].join("\n");
  const steps = models[0].byStep.map(({ stepsAhead }) => stepsAhead);
  const shown = steps.filter((at) => [1, 7, 14, horizon].includes(at));
  const rows = models.map(({ model, byStep }) => ({
    model,
    ...Object.fromEntries(
      shown.flatMap((at) => [
        [`MAPE % at ${at}`, rounded(byStep[at - 1]?.mape ?? null)],
        [`CRPS skill % at ${at}`, percent(byStep[at - 1]?.skill ?? null)],
      ]),
    ),
  }));
  const words = [`${head}. ${CRPS_WORDS}.`, ...choiceWords(models)];
  return [...words, scoreTable([...models, ceiling]), "", textTable(rows), ...missing].join("\n");
}

function lessonJson({ symbol, trainDays, days, tuned, rows }: LeakLesson): object {
  return { symbol, trainDays, testDays: days.length, firstTestDay: days[0], tuned, rows };
}

function lessonText({ symbol, trainDays, days, tuned, rows }: LeakLesson): string {
  const table = textTable(
    rows.map(({ model, mape, leaked, sees }) => ({
      forecast: leaked ? `${model} (leaked)` : model,
      "MAPE %": rounded(mape),
      "sees of the day": sees.en,
    })),
  );
  return [
    `${symbol}: trained on ${trainDays} days, tested on the ${days.length} from ${days[0]} on; tuned on the test ` +
      `(${tuned.seasonalityMode}, changepoint prior ${tuned.changepointPriorScale})`,
    table,
    "The averages of a day contain its close: a forecast that uses them has seen the answer. Yesterday's close has not.",
  ].join("\n");
}
