import type { Command } from "commander";
import { report } from "../report/report.ts";
import { attach, type Shell } from "./shell.ts";
import { bytesText } from "./table.ts";

export function registerReport(program: Command, shell: Shell): void {
  const command = program
    .command("report")
    .description("executed notebooks → report/index.html, one file, offline");
  attach(shell, command, "candlebook report", async (workspace, _options, effects) => {
    const { path, bytes, notebooks, skipped } = await report(workspace, effects);
    const note = skipped ? "nothing had changed" : `${notebooks} notebooks, ${bytesText(bytes)}`;
    return { json: { path, bytes, notebooks, skipped }, text: `${path}: ${note}` };
  });
}
