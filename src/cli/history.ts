import type { Command } from "commander";
import { type KnownVersion, listVersions } from "../lake/history/versions.ts";
import { runsByInstant } from "../serving/runs.ts";
import { attach, type Shell } from "./shell.ts";
import { textTable } from "./table.ts";

export function registerHistory(program: Command, shell: Shell): void {
  const command = program
    .command("history <table>")
    .description("versions of a table that are kept, oldest first, with what each changed");
  attach(
    shell,
    command,
    "candlebook history daily_filled",
    async (workspace, _options, _effects, [table]) => {
      const runAt = await runsByInstant(workspace);
      const versions = (await listVersions(workspace, table)).map((version) => ({
        ...version,
        run: runAt(version.at),
      }));
      return {
        json: {
          table,
          versions: versions.map(({ sql, files, table: _, id, ...facts }) => ({ version: id, ...facts })),
        },
        text: textTable(versions.map(shown)),
      };
    },
  );
}

function shown({ at, id, rows, change, stage, run }: KnownVersion & { run: string | null }) {
  return {
    published: at,
    version: id,
    rows,
    added: change?.added ?? null,
    changed: change?.changed ?? null,
    removed: change?.removed ?? null,
    days: change?.from ? `${change.from} … ${change.to}` : "",
    stage,
    run,
  };
}
