import type { Command } from "commander";
import { restoreTable } from "../lake/restore.ts";
import { attach, type Shell } from "./shell.ts";
import { grouped } from "./table.ts";

export function registerRestore(program: Command, shell: Shell): void {
  const command = program
    .command("restore <table>")
    .description("the previous version of a table back in its place; a second time undoes it");
  attach(
    shell,
    command,
    "candlebook restore daily_filled",
    async (workspace, _options, _effects, [table]) => {
      const { manifest, replaced } = await restoreTable(workspace, table);
      const { id, rows, createdAt } = manifest;
      const text =
        `${table}: the version of ${createdAt} with ${grouped(rows)} rows is published again.\n` +
        "A run makes the table anew where its inputs have changed; `candlebook restore` again undoes this.";
      return { json: { table, version: id, rows, createdAt, replaced }, text };
    },
  );
}
