import type { Command } from "commander";
import { candlesOfEach } from "../batch/candles.ts";
import { parseSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { sparkEngine } from "../spark/sparkEngine.ts";
import { INTERVALS, type Interval } from "../time/interval.ts";
import { addEngineOptions, type EngineOptions, onEngine } from "./engine.ts";
import { intervalList } from "./inputs.ts";
import { SETTINGS_FILE } from "./settingsFile.ts";
import { attach, type Shell } from "./shell.ts";
import { grouped } from "./table.ts";

interface Options extends EngineOptions {
  interval?: string;
}

export function registerCandles(program: Command, shell: Shell): void {
  const command = program
    .command("candles [symbols...]")
    .description("clean candles and live windows → candles_<interval>: folded from the finest that there are")
    .option("--interval <list>", `intervals, such as 4h,1w: ${INTERVALS.join(", ")} (1M: calendar month)`);
  addEngineOptions(command);
  attach<Options>(
    shell,
    command,
    "candlebook candles --interval 4h,1w BTCUSDT",
    async (workspace, options, effects, words) => {
      const symbols = words.length === 0 ? undefined : [...new Set(words.map(parseSymbol))];
      const intervals = wantedIntervals(options);
      const results = await onEngine(options, effects, (spark) => {
        const engine = spark === null ? undefined : sparkEngine(spark);
        const wanted = intervals.map((interval) => ({ interval, symbols, engine }));
        return candlesOfEach(workspace, wanted, effects);
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

function wantedIntervals({ interval }: Options): Interval[] {
  if (interval !== undefined) return intervalList("--interval", interval);
  throw inputError(
    "bad_option",
    "No interval is named.",
    `Name some: candlebook candles --interval 4h,1w; or write them once: ${SETTINGS_FILE}, intervals: [4h, 1w].`,
  );
}
