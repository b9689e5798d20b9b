import type { Command } from "commander";
import { candles } from "../batch/candles.ts";
import { parseSymbol } from "../candle/symbol.ts";
import { sparkEngine } from "../spark/sparkEngine.ts";
import { INTERVALS } from "../time/interval.ts";
import { addEngineOptions, type EngineOptions, onEngine } from "./engine.ts";
import { intervalList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { grouped } from "./table.ts";

interface Options extends EngineOptions {
  interval: string;
}

export function registerCandles(program: Command, shell: Shell): void {
  const command = program
    .command("candles [symbols...]")
    .description("clean candles → candles_<interval>: folded from the finest that there are")
    .requiredOption(
      "--interval <list>",
      `intervals, such as 4h,1w: ${INTERVALS.join(", ")} (1M: calendar month)`,
    );
  addEngineOptions(command);
  attach<Options>(
    shell,
    command,
    "candlebook candles --interval 4h,1w BTCUSDT",
    async (workspace, options, effects, words) => {
      const symbols = words.length === 0 ? undefined : [...new Set(words.map(parseSymbol))];
      const results = await onEngine(options, effects, async (spark) => {
        const engine = spark === null ? undefined : sparkEngine(spark);
        const all = [];
        for (const interval of intervalList("--interval", options.interval)) {
          all.push(await candles(workspace, { interval, symbols, engine }, effects));
        }
        return all;
      });
      const tables = results.map(({ interval, table, symbols: counted, skipped }) => ({
        table: table.manifest.table,
        interval,
        rows: table.manifest.rows,
        symbols: counted,
        skipped,
      }));
      const text = tables.flatMap(({ table, rows, symbols: counted, skipped }) => [
        `${table}: ${grouped(rows)} rows${skipped ? " (nothing had changed)" : ""}`,
        ...counted.map(
          (one) =>
            `  ${one.symbol}: ${grouped(one.candles)} candles, ${grouped(one.complete)} complete, from ${one.madeFrom.join(", ")}`,
        ),
      ]);
      return { json: { tables }, text: text.join("\n") };
    },
  );
}
