import type { Command } from "commander";
import { type Inspection, inspect } from "../batch/inspect.ts";
import { toIso } from "../time/epoch.ts";
import { attach, type Shell } from "./shell.ts";
import { addStatementOptions, type StatementOptions, statedFiles } from "./statementOptions.ts";
import { grouped, textTable } from "./table.ts";

export function registerInspect(program: Command, shell: Shell): void {
  const command = addStatementOptions(
    program
      .command("inspect")
      .description("a preview of ingest: the form of files, its evidence, the first candles, open questions")
      .argument("<paths...>", "files or folders, or BTCUSDT=PATH"),
  );
  attach<StatementOptions>(
    shell,
    command,
    "candlebook inspect BTCUSDT_1min.csv.gz",
    async (workspace, options, effects, words) => {
      const { files, passedOver } = await inspect(workspace, statedFiles(words, options), effects);
      const beside = passedOver.length === 0 ? [] : [`Skipped: ${passedOver.join("; ")}`];
      const text = [...files.map(inspectionText), ...beside].join("\n\n");
      return {
        json: { files, passedOver },
        text,
        exit: files.some(({ problem }) => problem !== null) ? 2 : 0,
      };
    },
  );
}

function inspectionText({
  path,
  container,
  rows,
  reasons,
  evidence,
  candles,
  problem,
  ...file
}: Inspection): string {
  const found = Object.entries(reasons).map(([reason, count]) => `${reason} ${grouped(count)}`);
  const rejected = found.length === 0 ? "" : ` (${found.join(", ")})`;
  const counts = `${grouped(rows.in)} rows: ${grouped(rows.valid)} candles, ${grouped(rows.rejected)} rejected${rejected}`;
  return [
    `${path}${container === null ? "" : ` (${container}): ${counts}`}`,
    ...file.passedOver.map((entry) => `skipped: ${entry}`),
    textTable(evidence.map(({ question, answer, grade, by }) => ({ question, answer, evidence: grade, by }))),
    textTable(candles.map(({ openTime, ...candle }) => ({ "open time": toIso(openTime), ...candle }))),
    ...(problem === null ? [] : [`Refused (${problem.code}): ${problem.message}`, `  ${problem.next}`]),
  ]
    .filter((line) => line !== "")
    .join("\n");
}
