import type { Command } from "commander";
import { readClaim } from "../lake/marketClaim.ts";
import { streamTable } from "../lake/seriesTables.ts";
import { type ConsumeResult, consume } from "../speed/consume/consume.ts";
import { consumeWithSpark } from "./consumeOnSpark.ts";
import { dayTable } from "./dayTable.ts";
import { addEngineOptions, type EngineOptions, refuseOtherEngine } from "./engine.ts";
import { dayOption, flagOf, windowList } from "./inputs.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import {
  duration,
  exchangeOf,
  namedExchange,
  requireTopic,
  type StreamOptions,
  withStreamOptions,
  withTopic,
} from "./streamOptions.ts";
import { grouped } from "./table.ts";

interface Options extends StreamOptions, EngineOptions {
  window?: string;
  once?: boolean;
  until?: string;
  emitOpen?: boolean;
  fromEarliest?: boolean;
  lateness?: string;
  batch?: string;
  restUrl?: string;
}

const RESTS = { real: exchangeOf, simulated: namedExchange };

export function registerConsume(program: Command, shell: Shell): void {
  const command = withStreamOptions(
    program
      .command("consume")
      .description("topic → windows, each published when it closes: streaming_output, of a day each")
      .option(
        "--window <list>",
        "lengths of the windows, such as 1h,1d (default: the checkpoint's; first 1d)",
      )
      .option("--once", "stop at the current end of the topic")
      .option(
        "--until <day>",
        "stop at the current end of the topic, with every window up to this day closed",
      )
      .option("--emit-open", "open windows published too, marked as not complete")
      .option("--from-earliest", "restart at the topic's beginning if messages were lost, without them")
      .option("--lateness <time>", "time that a window waits for late events after its end (default: 1h)")
      .option("--batch <n>", "maximum messages in a batch (default: 5000)")
      .option("--rest-url <url>", "base address of REST, for lost minutes (env CANDLEBOOK_REST_URL)"),
  );
  addEngineOptions(command);
  attach<Options>(shell, command, "candlebook consume --once", async (workspace, options, effects) => {
    const until = dayOption("--until", options.until);
    const windows = windowList(options.window);
    const lateness = options.lateness === undefined ? undefined : duration("--lateness", options.lateness);
    if (options.engine === "spark") {
      const unsupported = (
        ["until", "emitOpen", "fromEarliest", "batch", "restUrl", "kafkaClient"] as const
      ).map((name) => options[name] !== undefined && flagOf(name));
      return consumeWithSpark(workspace, { ...options, windows, latenessMs: lateness }, unsupported, effects);
    }
    refuseOtherEngine(options);
    if (options.once || until !== undefined) requireTopic(workspace, options);
    const messages = options.batch === undefined ? 5_000 : wholeNumber("--batch", options.batch, 1, 1e6);
    const claim = await readClaim(workspace);
    const exchange = RESTS[claim?.market ?? "real"](workspace, options, effects);
    const result = await withTopic(workspace, options, (topic) =>
      consume(
        workspace,
        topic,
        {
          windows,
          once: options.once,
          until,
          emitOpen: options.emitOpen,
          fromEarliest: options.fromEarliest,
          lateness,
          batch: { messages, ms: 10_000 },
          exchange,
        },
        effects,
      ),
    );
    return { json: result, text: describe(result) };
  });
}

function describe({ counts, closed, open, windows }: ConsumeResult): string {
  const { read, klines, tickers, unknown, poison, late, unfit } = counts;
  const others = windows.filter((one) => one.length !== "1d");
  const isAnyClosed = windows.some((one) => one.closed > 0);
  const lines = [
    `${grouped(read)} messages: ${grouped(klines)} klines, ${grouped(tickers)} tickers, ${unknown} of unknown types, ${poison} poison; ${late} late`,
    unfit === 0 ? "" : `${grouped(unfit)} klines have an interval that divides no window: they are in none.`,
    isAnyClosed
      ? ""
      : "No window closed: a day closes an hour after its end, when its last events have arrived.",
    closed.length === 0 ? "" : `${closed.length} windows closed:\n${dayTable(closed)}`,
    ...others.map((one) => `${streamTable(one.length)}: ${grouped(one.closed)} windows closed`),
    open.length === 0 ? "" : `Open windows:\n${dayTable(open)}`,
  ];
  return lines.filter((line) => line !== "").join("\n");
}
