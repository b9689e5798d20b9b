import type { Command } from "commander";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { environment } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Exchange } from "../speed/exchange.ts";
import { restExchange } from "../speed/restExchange.ts";
import { KAFKA_CLIENTS, type KafkaClient, openTopic, parseBrokers } from "../topic/openTopic.ts";
import { PRICE_TOPIC, type Topic } from "../topic/topic.ts";
import { addresses } from "../venues/addresses.ts";
import { venue } from "../venues/registry.ts";
import { printable } from "./terminal.ts";

/** What every command that opens the topic takes. */
export interface StreamOptions {
  brokers?: string;
  topic?: string;
  kafkaClient?: string;
}

/** Adds the options to a command. */
export function withStreamOptions(command: Command): Command {
  return command
    .option(
      "--brokers <list>",
      "Kafka brokers, host:port,… (env CANDLEBOOK_BROKERS; default: the embedded topic)",
    )
    .option("--topic <name>", `the topic's name (default: ${PRICE_TOPIC})`)
    .option("--kafka-client <name>", "platformatic or kafkajs (default: platformatic)");
}

/** Whether a broker was named, by option or environment. */
export function brokersOf(options: StreamOptions): string[] {
  const text = options.brokers ?? environment.CANDLEBOOK_BROKERS ?? "";
  return text === "" ? [] : parseBrokers(text);
}

/**
 * Where the streams are: the option, else the environment, else the exchange's own address.
 * @throws CandlebookError `bad_url`
 */
export function streamUrlOf(options: { streamUrl?: string }): string {
  const text = options.streamUrl ?? (environment.CANDLEBOOK_STREAM_URL || venue.addresses.stream);
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && /^wss?:$/.test(url.protocol)) return text.replace(/\/+$/, "");
  throw inputError(
    "bad_url",
    `--stream-url is "${printable(text.slice(0, 80))}"; expected an address that begins with ws:// or wss://.`,
    "See --help.",
  );
}

/**
 * The exchange's REST side. Another stream than the exchange's own has none but the one that is named: the real
 * exchange must not fill its holes.
 */
export function exchangeOf(
  workspace: Workspace,
  options: { restUrl?: string },
  other: boolean,
  effects: Effects,
): Exchange | undefined {
  const named = options.restUrl ?? environment.CANDLEBOOK_REST_URL;
  if (other && !named) return undefined;
  return restExchange(workspace, addresses(options).restUrl, effects);
}

/** Opens the topic that the options name, uses it and closes it. */
export async function withTopic<Result>(
  workspace: Workspace,
  options: StreamOptions,
  use: (topic: Topic) => Promise<Result>,
  more: { partitions?: number; clock?: () => number } = {},
): Promise<Result> {
  const topic = await openTopic(workspace, {
    brokers: brokersOf(options),
    client: clientOf(options.kafkaClient),
    name: options.topic,
    ...more,
  });
  try {
    return await use(topic);
  } finally {
    await topic.close();
  }
}

function clientOf(name: string | undefined): KafkaClient | undefined {
  const client = KAFKA_CLIENTS.find((known) => known === name);
  if (name === undefined || client !== undefined) return client;
  throw inputError(
    "bad_option",
    `--kafka-client is "${printable(name)}"; there are ${KAFKA_CLIENTS.join(" and ")}.`,
    "See --help.",
  );
}

/**
 * A stretch of time from an option: `90s`, `2m`, `1h`, `1d`, in milliseconds.
 * @throws CandlebookError `bad_option`
 */
export function duration(name: string, text: string): number {
  const form = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[form?.[2] ?? ""];
  if (form !== null && unit !== undefined) return Number(form[1]) * unit;
  throw inputError(
    "bad_option",
    `${name} is "${printable(text)}"; expected a stretch of time such as 90s, 2m or 1h.`,
    "See --help.",
  );
}
