import { createRequire } from "node:module";
import type { Offset } from "./topic.ts";

// What is not exported of the client, whose last version is of 2023: its parts do not move any more.
const inside = createRequire(import.meta.url);

interface RequestQueue {
  pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  findGroupCoordinator(group: {
    groupId: string;
  }): Promise<{ offsetCommit(commit: OffsetCommit): Promise<unknown> }>;
}

interface OffsetCommit {
  groupId: string;
  groupGenerationId: number;
  memberId: string;
  topics: { topic: string; partitions: { partition: number; offset: string }[] }[];
}

let mended = false;

/**
 * The client's queue looks again for requests that wait when none does, too, after a time that lies before the year 1970:
 * once a millisecond, for ever, and Node warns of it (`TimeoutNegativeWarning`). A request that has to wait starts the
 * looking itself.
 */
export function mendRequestQueue(): void {
  if (mended) return;
  mended = true;
  const { prototype } = inside("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

/** Commits offsets for a group without being its member, which the client's `setOffsets` can't. */
export interface OffsetKeeper {
  commit(topic: string, next: readonly Offset[]): Promise<void>;
  close(): Promise<void>;
}

/** Connects when it commits for the first time. @param options those of the client */
export function openOffsetKeeper(
  groupId: string,
  options: { brokers: string[]; clientId: string },
): OffsetKeeper {
  let connected: Promise<Cluster> | null = null;
  const connect = async (): Promise<Cluster> => {
    const ClusterOf = inside("kafkajs/src/cluster") as new (all: object) => Cluster;
    const { createLogger, LEVELS } = inside("kafkajs/src/loggers") as Loggers;
    const logger = createLogger({ level: LEVELS.NOTHING, logCreator: () => () => {} });
    const socketFactory = (inside("kafkajs/src/network/socketFactory") as () => object)();
    const cluster = new ClusterOf({ ...options, logger, socketFactory });
    await cluster.connect();
    return cluster;
  };
  return {
    commit: async (topic, next) => {
      connected ??= connect();
      try {
        const coordinator = await (await connected).findGroupCoordinator({ groupId });
        const partitions = next.map((offset, partition) => ({ partition, offset: String(offset) }));
        // As nobody's member: https://kafka.apache.org/protocol#The_Messages_OffsetCommit
        const topics = [{ topic, partitions }];
        await coordinator.offsetCommit({ groupId, groupGenerationId: -1, memberId: "", topics });
      } catch (error) {
        await disconnect(connected);
        connected = null;
        throw error;
      }
    },
    close: () => disconnect(connected),
  };
}

interface Loggers {
  createLogger(options: { level: number; logCreator: () => () => void }): object;
  LEVELS: { NOTHING: number };
}

async function disconnect(connected: Promise<Cluster> | null): Promise<void> {
  await connected?.then((cluster) => cluster.disconnect()).catch(() => {});
}
