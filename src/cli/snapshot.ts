import type { Command } from "commander";
import { snapshot } from "../speed/consume/snapshot.ts";
import { dayTable } from "./dayTable.ts";
import { attach, type Shell } from "./shell.ts";
import { requireTopic, type StreamOptions, withStreamOptions, withTopic } from "./streamOptions.ts";
import { grouped } from "./table.ts";

export function registerSnapshot(program: Command, shell: Shell): void {
  const command = withStreamOptions(
    program
      .command("snapshot")
      .description("all messages in the topic, aggregated now → streaming_output_batch (the demo reader)"),
  );
  attach<StreamOptions>(shell, command, "candlebook snapshot", async (workspace, options, effects) => {
    requireTopic(workspace, options);
    const { days, counts, published } = await withTopic(workspace, options, (topic) =>
      snapshot(workspace, topic, effects),
    );
    const { skipped } = published;
    const text =
      `${grouped(counts.read)} messages, ${days.length} rows in streaming_output_batch` +
      `${skipped ? " (nothing had changed)" : ""}\n${dayTable(days)}`;
    return { json: { messages: counts.read, counts, days, skipped }, text: text.trimEnd() };
  });
}
