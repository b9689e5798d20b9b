import type { Command } from "commander";
import { merge } from "../serving/merge.ts";
import { sparkEngine } from "../spark/sparkEngine.ts";
import { addEngineOptions, type EngineOptions, onEngine } from "./engine.ts";
import { attach, type Shell } from "./shell.ts";
import { grouped } from "./table.ts";

export function registerMerge(program: Command, shell: Shell): void {
  const command = program
    .command("merge")
    .description("daily layers → daily_filled (every day once, MA7/MA30), prophet_input, reconciliation");
  addEngineOptions(command);
  attach<EngineOptions>(shell, command, "candlebook merge", async (workspace, options, effects) => {
    const { served, input, layers, overlap, skipped } = await onEngine(options, effects, (spark) =>
      merge(workspace, effects, spark === null ? undefined : sparkEngine(spark)),
    );
    const text = [
      ...layers.map(({ table, rows }) => `${table}: ${grouped(rows)} rows`),
      `daily_filled: ${grouped(served.manifest.rows)} rows, prophet_input: ${grouped(input.manifest.rows)} rows` +
        (skipped ? " (nothing had changed)" : ""),
      overlap.sentence.en,
    ].join("\n");
    const counts = { rows: served.manifest.rows, inputRows: input.manifest.rows };
    return { json: { layers, ...counts, overlap, skipped }, text };
  });
}
