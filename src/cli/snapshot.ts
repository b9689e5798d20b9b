import type { Command } from "commander";
import { snapshot } from "../speed/consume/snapshot.ts";
import { dayTable } from "./dayTable.ts";
import { windowList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { requireTopic, type StreamOptions, withStreamOptions, withTopic } from "./streamOptions.ts";
import { counted, grouped } from "./table.ts";

interface Options extends StreamOptions {
  window?: string;
}

export function registerSnapshot(program: Command, shell: Shell): void {
  const command = withStreamOptions(
    program
      .command("snapshot")
      .description("all messages in the topic, aggregated now → streaming_output_batch (the demo reader)")
      .option("--window <list>", "lengths of the windows, such as 1h,1d (default: 1d)"),
  );
  attach<Options>(shell, command, "candlebook snapshot", async (workspace, options, effects) => {
    const lengths = windowList(options.window);
    requireTopic(workspace, options);
    const { days, counts, tables } = await withTopic(workspace, options, (topic) =>
      snapshot(workspace, topic, effects, lengths),
    );
    const windows = tables.map(({ length, published: { manifest, skipped } }) => ({
      ...{ length, table: manifest.table, rows: manifest.rows, skipped },
    }));
    const text = [
      counted(counts.read, "message"),
      ...windows.map(
        ({ table, rows, skipped }) =>
          `${table}: ${grouped(rows)} rows${skipped ? " (nothing had changed)" : ""}`,
      ),
      ...(days.length === 0 ? [] : [dayTable(days)]),
    ];
    const skipped = windows.every((one) => one.skipped);
    return { json: { messages: counts.read, counts, days, windows, skipped }, text: text.join("\n") };
  });
}
