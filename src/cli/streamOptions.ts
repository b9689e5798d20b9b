import { existsSync } from "node:fs";
import { type Command, Option } from "commander";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import { environment } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Exchange } from "../speed/exchange.ts";
import { restExchange } from "../speed/restExchange.ts";
import {
  embeddedTopicPath,
  KAFKA_CLIENTS,
  type KafkaClient,
  openTopic,
  parseBrokers,
} from "../topic/openTopic.ts";
import { PRICE_TOPIC, type Topic } from "../topic/topic.ts";
import { addresses } from "../venues/addresses.ts";
import { baseUrl } from "../venues/http.ts";
import { venue } from "../venues/registry.ts";
import { badValue } from "./terminal.ts";

/** The options of commands that open the topic. */
export interface StreamOptions {
  brokers?: string;
  topic?: string;
  kafkaClient?: string;
}

/** Adds the options to a command. */
export function withStreamOptions(command: Command): Command {
  return command
    .addOption(brokersOption("Kafka brokers, host:port,… (default: the embedded topic)"))
    .option("--topic <name>", `name of the topic (default: ${PRICE_TOPIC})`)
    .option("--kafka-client <name>", "Kafka client: platformatic or kafkajs (default: platformatic)");
}

/** `--brokers`, also from the environment: before the settings file. */
export const brokersOption = (description: string): Option =>
  new Option("--brokers <list>", description).env("CANDLEBOOK_BROKERS");

/** The brokers named by option, environment or settings; empty without. */
export function brokersOf({ brokers = "" }: StreamOptions): string[] {
  return brokers === "" ? [] : parseBrokers(brokers);
}

/** The address of the streams: the option, else the environment, else the exchange's own.
 * @throws CandlebookError `bad_url`
 */
export function streamUrlOf(options: { streamUrl?: string }): string {
  const text = options.streamUrl ?? (environment.CANDLEBOOK_STREAM_URL || venue.addresses.stream);
  return baseUrl("--stream-url", text, ["ws:", "wss:"]);
}

/** The exchange's REST API, at the address that is named or at its own. */
export function exchangeOf(workspace: Workspace, options: { restUrl?: string }, effects: Effects): Exchange {
  return restExchange(workspace, addresses(options).restUrl, effects);
}

/** The REST API of a stream that is not the exchange's own: only of a named address, for the real exchange must not fill its gaps. */
export function namedExchange(
  workspace: Workspace,
  options: { restUrl?: string },
  effects: Effects,
): Exchange | undefined {
  const named = options.restUrl ?? environment.CANDLEBOOK_REST_URL;
  return named ? exchangeOf(workspace, options, effects) : undefined;
}

/** Opens the topic named by the options, passes it to `use` and closes it. */
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

/**
 * Refuses to read a topic that nothing was written to.
 * @throws CandlebookError `no_topic`
 */
export function requireTopic(workspace: Workspace, options: StreamOptions): void {
  if (brokersOf(options).length > 0 || existsSync(embeddedTopicPath(workspace))) return;
  throw inputError(
    "no_topic",
    "This workspace has no topic: no message was written to it.",
    "Write some first: candlebook produce --for 2m. For a Kafka topic add --brokers.",
  );
}

function clientOf(name: string | undefined): KafkaClient | undefined {
  const client = KAFKA_CLIENTS.find((known) => known === name);
  if (name === undefined || client !== undefined) return client;
  throw badValue("--kafka-client", name, KAFKA_CLIENTS.join(" or "));
}

/** A duration from an option: `90s`, `2m`, `1h`, `1d`, in milliseconds.
 * @throws CandlebookError `bad_option`
 */
export function duration(name: string, text: string): number {
  const form = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const unit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[form?.[2] ?? ""];
  if (form !== null && unit !== undefined) return Number(form[1]) * unit;
  throw badValue(name, text, "a duration such as 90s, 2m, 1h or 30d");
}
