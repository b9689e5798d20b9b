import type { Command } from "commander";
import { daily } from "../batch/daily.ts";
import { sparkEngine } from "../spark/sparkEngine.ts";
import { addEngineOptions, type EngineOptions, onEngine } from "./engine.ts";
import { dayOption, symbolList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { textTable } from "./table.ts";

interface Options extends EngineOptions {
  symbols?: string;
  to?: string;
}

export function registerDaily(program: Command, shell: Shell): void {
  const command = program
    .command("daily")
    .description("<asset>_clean → daily_batch, gaps and per_day")
    .option("--symbols <list>", "trading pairs, such as BTCUSDT,ETHUSDT (default: all)")
    .option("--to <day>", "last day of the list of gaps (UTC; default: each symbol's last candle)");
  addEngineOptions(command);
  attach<Options>(shell, command, "candlebook daily", async (workspace, options, effects) => {
    const wanted = { symbols: symbolList(options.symbols), to: dayOption("--to", options.to) };
    const { symbols, skipped, ...tables } = await onEngine(options, effects, (spark) =>
      daily(workspace, { ...wanted, engine: spark === null ? undefined : sparkEngine(spark) }, effects),
    );
    const published = [tables.daily, tables.gaps, tables.perDay].map(({ manifest }) => ({
      table: manifest.table,
      rows: manifest.rows,
    }));
    const text = textTable(symbols.map((row) => ({ ...row }))) + (skipped ? "\n(nothing had changed)" : "");
    return { json: { symbols, tables: published, skipped }, text };
  });
}
