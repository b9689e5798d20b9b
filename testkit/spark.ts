import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CandlebookError } from "../src/core/errors.ts";
import { type SparkHome, sparkHome } from "../src/spark/home.ts";
import { ensureProtocol } from "../src/spark/install.ts";
import { findJava, findMaven } from "../src/spark/programs.ts";
import { startSpark, stopSpark } from "../src/spark/sparkServer.ts";

/** What a machine may lack; a test is then skipped, and says why. */
const LACKS = ["no_java", "old_java", "no_python", "no_maven", "registry_unreachable", "package_missing"];

async function reasonOf(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    if (error instanceof CandlebookError && LACKS.includes(error.code)) return error.message;
    throw error;
  }
}

/** Installs the protocol where it is not there. @returns why there is none, or null */
export function noProtocol(): Promise<string | null> {
  return reasonOf(() => ensureProtocol(sparkHome()));
}

export interface TestSpark {
  home: SparkHome;
  /** Why there is no server, or null. */
  reason: string | null;
  port: number;
  stop(): Promise<void>;
}

// A server that lives for a minute is half done compiling itself when it ends: the first compiler alone takes about half
// the processor time.
const SHORT_LIFE = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

/** A Spark server of the tests' own: 2 threads, 1 GB, its own port and folder. */
export async function testSpark(): Promise<TestSpark> {
  process.env.JAVA_TOOL_OPTIONS ??= SHORT_LIFE;
  const run = await mkdtemp(join(tmpdir(), "candlebook-spark-"));
  const home = { folder: sparkHome().folder, run };
  const port = await freePort();
  const reason = await reasonOf(async () => {
    await findJava();
    await findMaven();
    await startSpark(home, { port, threads: 2, memory: "1GB" });
  });
  return {
    home,
    reason,
    port,
    stop: async () => {
      await stopSpark(home);
      await rm(run, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A port of 127.0.0.1 that nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
