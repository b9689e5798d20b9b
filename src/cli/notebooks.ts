import { type Command, Option } from "commander";
import { runNotebooks } from "../pipeline/notebooks.ts";
import type { Kernel } from "../report/execute.ts";
import { attach, type Shell } from "./shell.ts";

export const kernelOption = () =>
  new Option("--kernel <kernel>", "which kernel runs the notebooks")
    .choices(["tslab", "deno"])
    .default("tslab");

export function registerNotebooks(program: Command, shell: Shell): void {
  const command = program
    .command("notebooks")
    .description("runs the notebooks from top to bottom into report/notebooks/")
    .addOption(kernelOption())
    .option("--only <name>", "only those whose name begins so, such as week3");
  type Options = { kernel: Kernel; only?: string };
  attach<Options>(
    shell,
    command,
    "candlebook notebooks --only week1",
    async (workspace, options, effects) => {
      const notebooks = await runNotebooks(workspace, options, effects);
      const lines = notebooks.map(({ name, cells, seconds, skipped }) =>
        skipped ? `${name}: nothing had changed` : `${name}: ${cells} cells in ${seconds.toFixed(1)} s`,
      );
      return { json: { kernel: options.kernel, notebooks }, text: lines.join("\n") };
    },
  );
}
