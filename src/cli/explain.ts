import type { Command } from "commander";
import { explain } from "../serving/explain.ts";
import { explainCandle } from "../serving/explainCandle.ts";
import { INTERVALS } from "../time/interval.ts";
import { intervalOption } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { printable } from "./terminal.ts";

interface Options {
  interval?: string;
}

export function registerExplain(program: Command, shell: Shell): void {
  const command = program
    .command("explain <symbol> <time>")
    .description("the origin of a day's row, or of a folded candle: layers, series, files, gaps, versions")
    .option(
      "--interval <length>",
      `interval of the folded candle that has the time: ${INTERVALS.join(", ")} (default: the served day)`,
    );
  const example = "candlebook explain BTCUSDT 2021-09-29T04:00 --interval 4h";
  attach<Options>(shell, command, example, async (workspace, { interval }, effects, [symbol, time]) => {
    const explanation =
      interval === undefined
        ? await explain(workspace, symbol, time, effects)
        : await explainCandle(
            workspace,
            { symbol, time, interval: intervalOption("--interval", interval) },
            effects,
          );
    return { json: explanation, text: explanation.text.en.split("\n").map(printable).join("\n") };
  });
}
