import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { Workspace } from "../core/workspace.ts";
import { MAX_HORIZON } from "../forecast/check.ts";
import type { Kernel } from "../notebooks/executeNotebook.ts";
import { recordedRun } from "../pipeline/recordedRun.ts";
import type { RunResult } from "../pipeline/run.ts";
import { STAGE_NAMES, type Stage } from "../pipeline/stages.ts";
import { withArchiveUrl, withRestUrl } from "./addressOptions.ts";
import { balanceLine } from "./balanceLine.ts";
import { dayRange, intervalList, refuseWithout, symbolList } from "./inputs.ts";
import { kernelOption } from "./notebooks.ts";
import { attach, type CommonOptions, type Shell, wholeNumber } from "./shell.ts";
import { addStatementOptions, type StatementOptions, statedFiles } from "./statementOptions.ts";
import { brokersOf, brokersOption } from "./streamOptions.ts";

interface Words extends CommonOptions, StatementOptions {
  csv?: string[];
  archive?: boolean;
  symbols?: string;
  from?: string;
  to?: string;
  archiveUrl?: string;
  simulated?: boolean;
  orSimulated?: boolean;
  until?: Stage;
  intervals?: string;
  kernel: Kernel;
  brokers?: string;
  restUrl?: string;
  horizon: string;
  models?: string;
}

export function registerRun(program: Command, shell: Shell): void {
  const command = withArchiveUrl(withRestUrl(program.command("run")))
    .description("all stages in order, from files to the report; stages that are up to date are skipped")
    .option("--csv <path...>", "files or folders of minutes: PATH, or BTCUSDT=PATH")
    .option("--archive", "the exchange's public archive")
    .option("--simulated", "the simulated market, in its own workspace")
    .option("--or-simulated", "the simulated market, in simulated/, if the archive can't be reached")
    .option("--symbols <list>", "trading pairs of the archive, such as BTCUSDT,ETHUSDT")
    .option(
      "--from <day>",
      "first day of the archive, UTC (default: that of the last run, else twelve months ago)",
    )
    .option("--to <day>", "last day of the archive, UTC (default: yesterday)")
    .addOption(new Option("--until <stage>", "the last stage to run").choices(STAGE_NAMES))
    .option("--intervals <list>", "intervals of candles_<interval>, such as 4h,1w (default: those published)")
    .addOption(kernelOption())
    .addOption(brokersOption("Kafka brokers of a topic to read too"))
    .option("--horizon <days>", "number of days ahead", "30")
    .option("--models <list>", "models, such as naive,theta (default: all)");
  addStatementOptions(command);
  attach<Words>(shell, command, "candlebook run --csv BTCUSDT=btc.csv", async (workspace, words, effects) => {
    const { csv = [], archive, simulated, orSimulated, until, kernel, restUrl, archiveUrl } = words;
    if (csv.length > 0 || simulated) {
      const need = "they choose from the archive, and another source is named";
      refuseWithout(need, words, ["symbols", "from", "to", "archiveUrl"]);
    }
    const horizon = wholeNumber("--horizon", words.horizon, 1, MAX_HORIZON);
    const options = {
      files: statedFiles(csv, words),
      archive,
      symbols: symbolList(words.symbols),
      ...dayRange(words),
      archiveUrl,
      restUrl,
      simulated,
      orSimulated,
      until,
      intervals: words.intervals === undefined ? undefined : intervalList("--intervals", words.intervals),
      kernel,
      horizon,
      models: words.models?.split(","),
      brokers: brokersOf(words),
    };
    const result = await recordedRun(workspace, options, effects);
    return { json: runJson(workspace, result), text: runText(result) };
  });
}

function runJson(asked: Workspace, { workspace, ...result }: RunResult): object {
  return { ...result, workspace: relative(asked.root, workspace.root) || "." };
}

function runText({ workspace, remarks, stages, balance, rows, report }: RunResult): string {
  const here = relative(process.cwd(), workspace.root) || ".";
  const width = Math.max(...stages.map(({ stage }) => stage.length));
  const lines = stages.map(({ stage, skipped, without, seconds, note }) => {
    const time = without ? "continued without" : skipped ? "nothing had changed" : `${seconds.toFixed(1)} s`;
    return `${stage.padEnd(width)}  ${time.padStart(19)}  ${note}`;
  });
  const option = here === "." ? "" : ` --workspace ${here}`;
  const next = [
    ...(report === null ? [] : [`Open ${relative(process.cwd(), resolve(workspace.root, report))}`]),
    ...(rows === null ? [] : [`Next: npx candlebook status${option}`]),
  ];
  return [...remarks, ...lines, ...(balance === null ? [] : [balanceLine(balance)]), ...next].join("\n");
}
