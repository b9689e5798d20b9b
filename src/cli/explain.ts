import type { Command } from "commander";
import { explain } from "../serving/explain.ts";
import { attach, type Shell } from "./shell.ts";
import { printable } from "./terminal.ts";

export function registerExplain(program: Command, shell: Shell): void {
  const command = program
    .command("explain <symbol> <day>")
    .description("the origin of a day's row: layers, files, gaps, versions");
  const example = "candlebook explain BTCUSDT 2021-09-29";
  attach(shell, command, example, async (workspace, _options, effects, [symbol, day]) => {
    const explanation = await explain(workspace, symbol, day, effects);
    return { json: explanation, text: explanation.text.en.split("\n").map(printable).join("\n") };
  });
}
