import { inputError } from "../core/errors.ts";
import { type Clock, inWorkspace, type Workspace } from "../core/workspace.ts";
import { openEmbeddedTopic } from "./embedded.ts";
import { PRICE_TOPIC, type Topic } from "./topic.ts";

/** The available Kafka clients. */
export const KAFKA_CLIENTS = ["platformatic", "kafkajs"] as const;

export type KafkaClient = (typeof KAFKA_CLIENTS)[number];

export interface TopicOptions {
  /** `host:port` of a Kafka broker each; without them the embedded topic of the workspace. */
  brokers?: readonly string[];
  /** Default `platformatic`. */
  client?: KafkaClient;
  /** Default `crypto-prices`. */
  name?: string;
  /** Of a new topic, default 3; one that exists keeps its own. */
  partitions?: number;
  /** The timestamp of what is appended; default the workspace's clock. */
  clock?: Clock;
}

/** The path of a workspace's embedded topic. */
export function embeddedTopicPath(workspace: Workspace): string {
  return inWorkspace(workspace, "data", "topic.db");
}

/**
 * Opens the topic of a workspace, created where it is absent: the broker's where brokers are named, else the
 * embedded one.
 * @throws CandlebookError `topic_unreachable`, `bad_option`
 */
export async function openTopic(workspace: Workspace, options: TopicOptions = {}): Promise<Topic> {
  const { brokers = [], name = PRICE_TOPIC, partitions = 3, clock = workspace.clock } = options;
  if (!/^[a-zA-Z0-9._-]{1,200}$/.test(name)) {
    throw inputError("bad_option", `"${name.slice(0, 40)}" is not a valid topic name.`, "See --help.");
  }
  if (brokers.length === 0) {
    return openEmbeddedTopic({ path: embeddedTopicPath(workspace), name, partitions, clock });
  }
  const kafka = { brokers, name, partitions, clock };
  // Only the client that is used is loaded: each costs a quarter of a second and 25 MB.
  if (options.client === "kafkajs") return (await import("./kafkajs.ts")).openKafkajsTopic(kafka);
  return (await import("./platformatic.ts")).openPlatformaticTopic(kafka);
}

/**
 * Brokers from `host:port,host:port`; the port is 9092 where it is left out.
 * @throws CandlebookError `bad_option`
 */
export function parseBrokers(text: string): string[] {
  return text.split(",").map((word) => {
    const form = brokerForm(word.trim());
    if (form === null) {
      throw inputError(
        "bad_option",
        `"${word.slice(0, 60)}" is not a valid broker address.`,
        "Write host:port, such as 127.0.0.1:9092; several with commas between them.",
      );
    }
    return `${form[1]}:${form[2] ?? 9092}`;
  });
}

/** Whether a text is the address of one broker: `host`, or `host:port`. */
export const isBroker = (text: string): boolean => brokerForm(text) !== null;

function brokerForm(text: string): RegExpExecArray | null {
  const form = /^([a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?$/.exec(text);
  return form === null || Number(form[2] ?? 1) > 65_535 ? null : form;
}
