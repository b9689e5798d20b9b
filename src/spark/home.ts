import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "../core/machine.ts";

/** Spark, its Kafka source and the protocol's descriptors are all of this version; it exists with all three. */
export const SPARK_VERSION = "4.2.0";

/** Where Spark's files lie: what is installed, and what a local server writes. Nothing of a workspace is in it. */
export interface SparkHome {
  /** Absolute path. */
  folder: string;
  /** Where the server's state, log and scratch files lie, where not in `run` of that folder. */
  run?: string;
}

/** `CANDLEBOOK_SPARK_HOME`, else `.cache/spark` in the checkout, which git ignores. */
export function sparkHome(): SparkHome {
  const own = fileURLToPath(new URL("../../.cache/spark", import.meta.url));
  return { folder: environment.CANDLEBOOK_SPARK_HOME || own };
}

/** The places inside a home. */
export function placesOf({ folder, run = join(folder, "run") }: SparkHome) {
  return {
    python: join(folder, "python"),
    /** Spark with its jars, 450 MB. */
    server: join(folder, `server-${SPARK_VERSION}`),
    /** The protocol alone: what a client of a remote server needs. */
    client: join(folder, `client-${SPARK_VERSION}`),
    kafka: join(folder, `kafka-${SPARK_VERSION}`),
    run,
    state: join(run, "server.json"),
    log: join(run, "server.log"),
  };
}
