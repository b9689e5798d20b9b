import { relative, resolve } from "node:path";
import { type Command, Option } from "commander";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { type RunResult, run } from "../pipeline/run.ts";
import { recordRun } from "../pipeline/runLog.ts";
import { STAGE_NAMES, type Stage } from "../pipeline/stages.ts";
import type { Kernel } from "../report/execute.ts";
import { withRestUrl } from "./addressOptions.ts";
import { balanceLine } from "./balance.ts";
import { inputFiles } from "./inputs.ts";
import { kernelOption } from "./notebooks.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import { brokersOf } from "./streamOptions.ts";

interface Words {
  csv?: string[];
  simulated?: boolean;
  orSimulated?: boolean;
  until?: Stage;
  kernel: Kernel;
  brokers?: string;
  restUrl?: string;
  horizon: string;
}

export function registerRun(program: Command, shell: Shell): void {
  const command = withRestUrl(program.command("run"))
    .description("everything in order, from files to the report; skips what is up to date")
    .option("--csv <path...>", "files or folders of minutes: PATH, or BTCUSDT=PATH")
    .option("--simulated", "the made-up market, in a workspace of its own")
    .option("--or-simulated", "in an empty workspace: the made-up market, in simulated/")
    .addOption(new Option("--until <stage>", "the last stage to run").choices(STAGE_NAMES))
    .addOption(kernelOption())
    .option("--brokers <list>", "Kafka brokers whose topic is read too (env CANDLEBOOK_BROKERS)")
    .option("--horizon <days>", "days ahead", "30");
  attach<Words>(shell, command, "candlebook run --csv BTCUSDT=btc.csv", async (workspace, words, effects) => {
    const { csv = [], simulated, orSimulated, until, kernel } = words;
    const horizon = wholeNumber("--horizon", words.horizon, 1, 3650);
    const options = {
      files: inputFiles(csv),
      simulated,
      orSimulated,
      until,
      kernel,
      horizon,
      brokers: brokersOf(words),
    };
    const result = await recorded(workspace, () => run(workspace, options, effects));
    return { json: runJson(workspace, result), text: runText(result) };
  });
}

/** A run leaves its line in the run log, however it ends. */
async function recorded(workspace: Workspace, work: () => Promise<RunResult>): Promise<RunResult> {
  const started = performance.now();
  const seconds = () => Math.round(performance.now() - started) / 1000;
  try {
    const result = await work();
    await recordRun(result.workspace, { command: "run", rows: result.rows, seconds: seconds(), exit: 0 });
    return result;
  } catch (error) {
    const { exit, code } = error instanceof CandlebookError ? error : { exit: 1, code: "unexpected" };
    // A run that was refused before it had a workspace leaves none behind.
    if (exit !== 2)
      await recordRun(workspace, { command: "run", rows: null, seconds: seconds(), exit, error: code });
    throw error;
  }
}

function runJson(asked: Workspace, { workspace, ...result }: RunResult): object {
  return { ...result, workspace: relative(asked.root, workspace.root) || "." };
}

function runText({ workspace, remarks, stages, balance, rows, report }: RunResult): string {
  const here = relative(process.cwd(), workspace.root) || ".";
  const width = Math.max(...stages.map(({ stage }) => stage.length));
  const lines = stages.map(({ stage, skipped, without, seconds, note }) => {
    const time = without ? "went on without" : skipped ? "nothing had changed" : `${seconds.toFixed(1)} s`;
    return `${stage.padEnd(width)}  ${time.padStart(19)}  ${note}`;
  });
  const option = here === "." ? "" : ` --workspace ${here}`;
  const next = [
    ...(report === null ? [] : [`Look at ${relative(process.cwd(), resolve(workspace.root, report))}`]),
    ...(rows === null ? [] : [`Go on with: npx candlebook status${option}`]),
  ];
  return [...remarks, ...lines, ...(balance === null ? [] : [balanceLine(balance)]), ...next].join("\n");
}
