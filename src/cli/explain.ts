import type { Command } from "commander";
import { explain } from "../serving/explain.ts";
import { attach, type Shell } from "./shell.ts";
import { printable } from "./terminal.ts";

export function registerExplain(program: Command, shell: Shell): void {
  const command = program
    .command("explain <symbol> <day>")
    .description("where a day's row comes from: layers, files, holes, versions");
  const example = "candlebook explain BTCUSDT 2021-09-29";
  attach(shell, command, example, async (workspace, _options, effects, [symbol, day]) => {
    const told = await explain(workspace, symbol, day, effects);
    return { json: told, text: told.text.en.split("\n").map(printable).join("\n") };
  });
}
