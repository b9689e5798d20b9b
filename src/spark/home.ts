import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "../core/machine.ts";

/** The version of Spark, its Kafka source and the protocol's descriptors; all three are published with it. */
export const SPARK_VERSION = "4.2.0";

/**
 * The folder of Spark's files: the installation, and the files of a local server. It has no data of a workspace.
 */
export interface SparkHome {
  /** Absolute path. */
  folder: string;
  /** The folder of the server's state, log and scratch files; default `run` in that folder. */
  run?: string;
}

/** `CANDLEBOOK_SPARK_HOME`, else `.cache/spark` in the checkout, which git ignores. */
export function sparkHome(): SparkHome {
  const own = fileURLToPath(new URL("../../.cache/spark", import.meta.url));
  return { folder: environment.CANDLEBOOK_SPARK_HOME || own };
}

/** The paths inside a home. */
export function placesOf({ folder, run = join(folder, "run") }: SparkHome) {
  return {
    python: join(folder, "python"),
    /** Spark with its jars, 450 MB. */
    server: join(folder, `server-${SPARK_VERSION}`),
    /** The protocol only: sufficient for a client of a remote server. */
    client: join(folder, `client-${SPARK_VERSION}`),
    kafka: join(folder, `kafka-${SPARK_VERSION}`),
    run,
    state: join(run, "server.json"),
    log: join(run, "server.log"),
  };
}
