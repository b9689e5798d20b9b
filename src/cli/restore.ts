import type { Command } from "commander";
import { restoreTable } from "../lake/restore.ts";
import { attach, type Shell } from "./shell.ts";
import { grouped } from "./table.ts";

export function registerRestore(program: Command, shell: Shell): void {
  const command = program
    .command("restore <table>")
    .description("rollback of a table to its previous version; a second call undoes it");
  attach(
    shell,
    command,
    "candlebook restore daily_filled",
    async (workspace, _options, _effects, [table]) => {
      const { manifest, replaced } = await restoreTable(workspace, table);
      const { id, rows, createdAt } = manifest;
      const text =
        `${table}: the version of ${createdAt} with ${grouped(rows)} rows is published again.\n` +
        "A run rebuilds the table if its inputs have changed; `candlebook restore` again undoes this.";
      return { json: { table, version: id, rows, createdAt, replaced }, text };
    },
  );
}
