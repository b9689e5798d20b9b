import { resolve } from "node:path";
import type { Command } from "commander";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { environment } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import { withOwnStream } from "../pipeline/withExchange.ts";
import { exchangeClock } from "../speed/produce/exchangeClock.ts";
import { type ProduceResult, produce } from "../speed/produce/produce.ts";
import { venue } from "../venues/registry.ts";
import { parseStreamInterval } from "../venues/venueInterval.ts";
import { symbolList } from "./inputs.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import {
  duration,
  exchangeOf,
  namedExchange,
  type StreamOptions,
  streamUrlOf,
  withStreamOptions,
  withTopic,
} from "./streamOptions.ts";
import { grouped } from "./table.ts";

interface Options extends StreamOptions {
  symbols?: string;
  interval?: string;
  streamUrl?: string;
  restUrl?: string;
  messages?: string;
  for?: string;
  record?: string;
  replay?: string;
  speed?: string;
  disorder?: string;
  partitions?: string;
}

export function registerProduce(program: Command, shell: Shell): void {
  const command = withStreamOptions(
    program
      .command("produce")
      .description("the exchange's live stream → the topic, with missed candles fetched over REST")
      .option("--symbols <list>", "trading pairs (default: BTCUSDT,ETHUSDT)")
      .option("--interval <interval>", "length of the candles: 1m, 5m, 1h, 1d, 1w … (default: 1m)")
      .option("--messages <n>", "number of messages to stop after")
      .option("--for <time>", "time to stop after: 90s, 2m, 1h")
      .option("--record <file>", "new file for the raw frames")
      .option("--replay <file>", "recording to replay instead of the live stream")
      .option("--speed <n>", "speed of a replay, as a multiple of real time (default: as fast as possible)")
      .option("--disorder <seed>", "seed of delayed and duplicate frames and broken connections in a replay")
      .option("--partitions <n>", "partitions of a new topic (default: 3)")
      .option("--stream-url <url>", "base address of the WebSocket streams (env CANDLEBOOK_STREAM_URL)")
      .option("--rest-url <url>", "base address of the REST API (env CANDLEBOOK_REST_URL)"),
  );
  attach<Options>(
    shell,
    command,
    "candlebook produce --symbols BTCUSDT --for 2m",
    (workspace, options, effects) => {
      const named = options.replay ?? options.streamUrl ?? (environment.CANDLEBOOK_STREAM_URL || undefined);
      if (named !== undefined) return run(workspace, options, effects);
      return withOwnStream(workspace, (own) => run(workspace, { ...options, ...own }, effects));
    },
  );
}

async function run(workspace: Workspace, options: Options, effects: Required<Effects>) {
  const streamUrl = streamUrlOf(options);
  const clock = exchangeClock(workspace.clock);
  const restOf = streamUrl === venue.addresses.stream ? exchangeOf : namedExchange;
  const exchange = restOf(workspace, options, effects);
  const result = await withTopic(
    workspace,
    options,
    (topic) =>
      produce(
        workspace,
        {
          symbols: symbolList(options.symbols) ?? ["BTCUSDT", "ETHUSDT"],
          interval: options.interval === undefined ? undefined : parseStreamInterval(options.interval),
          topic,
          clock,
          streamUrl,
          exchange,
          messages:
            options.messages === undefined ? undefined : wholeNumber("--messages", options.messages, 1, 1e12),
          forMs: options.for === undefined ? undefined : duration("--for", options.for),
          record: options.record === undefined ? undefined : resolve(options.record),
          replay: replayOf(options),
        },
        effects,
      ),
    { clock: clock.now, partitions: numberOf("--partitions", options.partitions, 1, 1024) },
  );
  return { json: result, text: describe(result) };
}

function replayOf({ replay, speed, disorder }: Options) {
  if (replay === undefined && (speed ?? disorder) !== undefined) {
    throw inputError(
      "bad_option",
      "--speed and --disorder need a recording, and none is named.",
      "Add --replay FILE.",
    );
  }
  if (replay === undefined) return undefined;
  return {
    path: resolve(replay),
    speed: numberOf("--speed", speed, 1, 1e9),
    disorder: numberOf("--disorder", disorder, 0, 4_294_967_295),
  };
}

const numberOf = (name: string, text: string | undefined, min: number, max: number) =>
  text === undefined ? undefined : wholeNumber(name, text, min, max);

function describe(result: ProduceResult): string {
  const { messages, klines, tickers, unknown, broken, reconnects, repaired, owed, unsent } = result;
  return [
    `${grouped(messages)} messages: ${grouped(klines)} klines, ${grouped(tickers)} tickers; ${unknown} of unknown types, ${broken} unreadable`,
    `${reconnects} reconnects, ${repaired} candles repaired`,
    ...owed.map(({ symbol, from, to }) => `still missing: ${symbol} ${from} to ${to}`),
    unsent > 0
      ? `${grouped(unsent)} messages were not written to the topic; their minutes are fetched again at the next start`
      : "",
  ]
    .filter((line) => line !== "")
    .join("\n");
}
