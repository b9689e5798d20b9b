import type { Command } from "commander";
import { status } from "../serving/status.ts";
import { attach, type Shell } from "./shell.ts";
import { bytesText, textTable } from "./table.ts";

export function registerStatus(program: Command, shell: Shell): void {
  const command = program
    .command("status")
    .description("what is there, from when to when, by origin; tables with rows and sizes");
  attach(shell, command, "candlebook status --json", async (workspace, _options, effects) => {
    const found = await status(workspace, effects);
    if (found.tables.length === 0) {
      return { json: found, text: "Nothing is here yet. Begin with: candlebook run --csv PATH" };
    }
    const symbols = found.symbols.map(({ origins, ...symbol }) => ({
      ...symbol,
      origins: Object.entries(origins)
        .map(([origin, days]) => `${origin} ${days}`)
        .join(", "),
    }));
    const tables = found.tables.map((table) => ({ ...table, bytes: bytesText(table.bytes) }));
    const warning = symbols.some(({ source }) => source === "simulated")
      ? "SIMULATED market: made-up prices.\n"
      : "";
    return { json: found, text: `${warning}${textTable(symbols)}\n\n${textTable(tables)}`.trim() };
  });
}
