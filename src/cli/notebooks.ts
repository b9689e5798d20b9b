import { type Command, Option } from "commander";
import type { Kernel } from "../notebooks/executeNotebook.ts";
import { runNotebooks } from "../notebooks/runNotebooks.ts";
import { attach, type Shell } from "./shell.ts";
import { badValue } from "./terminal.ts";

export const kernelOption = () =>
  new Option("--kernel <kernel>", "kernel of the notebooks").choices(["tslab", "deno"]).default("tslab");

export function registerNotebooks(program: Command, shell: Shell): void {
  const command = program
    .command("notebooks")
    .description("notebooks, run from top to bottom → report/notebooks/")
    .addOption(kernelOption())
    .option("--only <name>", "beginning of the name of the notebooks to run, such as week3")
    .option("--set <name=value...>", "parameters of the notebooks, such as symbol=BTCUSDT,ETHUSDT");
  type Options = { kernel: Kernel; only?: string; set?: string[] };
  attach<Options>(
    shell,
    command,
    "candlebook notebooks --only week1",
    async (workspace, { kernel, only, set = [] }, effects) => {
      const options = { kernel, only, set: Object.fromEntries(set.map(setting)) };
      const notebooks = await runNotebooks(workspace, options, effects);
      const lines = notebooks.map(({ name, symbol, cells, seconds, skipped }) => {
        const which = symbol === null ? name : `${symbol} ${name}`;
        return skipped
          ? `${which}: nothing had changed`
          : `${which}: ${cells} cells in ${seconds.toFixed(1)} s`;
      });
      return { json: { kernel, notebooks }, text: lines.join("\n") };
    },
  );
}

function setting(text: string): [string, string] {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined) return [name, value];
  throw badValue("--set", text, "name=value");
}
