import type { Command } from "commander";
import { clean } from "../batch/clean.ts";
import { sparkCleaner } from "../spark/sparkCleaner.ts";
import { balanceLine } from "./balanceLine.ts";
import { addEngineOptions, type EngineOptions, onEngine } from "./engine.ts";
import { symbolList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { textTable } from "./table.ts";

export function registerClean(program: Command, shell: Shell): void {
  const command = program
    .command("clean")
    .description("<asset>_minutes → <asset>_clean: one candle per open time, sorted")
    .option("--symbols <list>", "trading pairs, such as BTCUSDT,ETHUSDT (default: all)");
  addEngineOptions(command);
  attach<{ symbols?: string } & EngineOptions>(
    shell,
    command,
    "candlebook clean",
    async (workspace, options, effects) => {
      const { balance, symbols, tables, skipped } = await onEngine(options, effects, (spark) => {
        const cleaner = spark === null ? undefined : sparkCleaner(spark);
        return clean(workspace, { symbols: symbolList(options.symbols), cleaner }, effects);
      });
      const rows = symbols.flatMap(({ symbol, years }) => years.map((year) => ({ symbol, ...year })));
      const text = [textTable(rows), `${balanceLine(balance)}${skipped ? " (nothing had changed)" : ""}`];
      const published = tables.map(({ manifest }) => ({ table: manifest.table, rows: manifest.rows }));
      return { json: { balance, symbols, tables: published, skipped }, text: text.join("\n") };
    },
  );
}
