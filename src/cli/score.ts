import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { writeOutput } from "../core/output.ts";
import type { JudgedModel } from "../evaluation/judge/judge.ts";
import { JUDGED_COLUMNS, judgedRows } from "../evaluation/judge/judgedRows.ts";
import { scoreFiles } from "../forecasting/scoreFiles.ts";
import { csvText } from "../lake/write.ts";
import { judgedPage } from "../report/judgedPage.ts";
import { percent, rounded } from "./scoreTable.ts";
import { attach, type Shell } from "./shell.ts";
import { textTable } from "./table.ts";

interface Options {
  outcomes?: string;
  page?: string;
  csv?: boolean;
}

export function registerScore(program: Command, shell: Shell): void {
  const command = program
    .command("score <file...>")
    .description("anyone's forecasts judged: scores beside the naive ones, tests, suspected leaks")
    .option("--outcomes <file>", "file of closes: symbol, ds, y (default: the table prophet_input)")
    .option("--page <file>", "HTML file for the scores and their figure")
    .option("--csv", "all scores as CSV instead of text");
  const example = "candlebook score theirs.csv ours.parquet --page judged.html";
  attach<Options>(shell, command, example, async (workspace, options, effects, files) => {
    const { outcomes, page, csv } = options;
    const result = await scoreFiles(workspace, { files, outcomes }, effects);
    if (page !== undefined)
      await writeOutput(workspace, page, (draft) => writeFile(draft, judgedPage(result)));
    const text = csv
      ? csvText(JUDGED_COLUMNS, judgedRows(result.models)).trimEnd()
      : judgedText(result.models);
    return { json: { ...result, ...(page !== undefined && { page }) }, text };
  });
}

/** The table of judged models, and why some are suspected. */
export function judgedText(models: readonly JudgedModel[]): string {
  const rows = models.map((model) => ({
    symbol: model.symbol,
    model: model.suspicions.length > 0 ? `${model.model} (suspected leak)` : model.model,
    cutoffs: model.cutoffs,
    days: model.days,
    "MAPE %": rounded(model.mape),
    MASE: rounded(model.mase),
    "CRPS %": rounded(model.crps),
    "naive's": rounded(model.benchmarks.naive),
    "naive 365's": rounded(model.benchmarks.naive365),
    ...bandCells(model),
    "CRPS skill %": percent(model.skill),
    "95 % of it": intervalText(model),
    "DM t": rounded(model.dmT),
    "p (Holm)": rounded(model.dmPHolm, 4),
  }));
  const left = models.flatMap(({ symbol, model, pending, unscored }) => [
    ...(pending > 0 ? [`${symbol} ${model}: ${pending} forecast days have no outcome yet, or no data`] : []),
    ...(unscored > 0
      ? [`${symbol} ${model}: ${unscored} days omitted: no such cutoff, or fewer than 60 days before it`]
      : []),
  ]);
  const suspicions = models.flatMap(({ symbol, model, suspicions: reasons }) =>
    reasons.map(({ en }) => `suspected leak: ${symbol} ${model}: ${en}`),
  );
  return [textTable(rows), ...suspicions, ...left].join("\n");
}

/** The two bands that most forecasts have; empty for a model without them. */
function bandCells({ bands }: JudgedModel): Record<string, number | null> {
  return Object.fromEntries(
    [80, 95].flatMap((level) => {
      const band = bands.find((one) => one.level === level);
      return [
        [`in ${level} %`, rounded(band?.coverage ?? null, 1)],
        [`width ${level} %`, rounded(band?.width ?? null, 1)],
      ];
    }),
  );
}

function intervalText({ skillLow, skillHigh }: JudgedModel): string {
  return skillLow === null || skillHigh === null ? "" : `${percent(skillLow)} … ${percent(skillHigh)}`;
}
