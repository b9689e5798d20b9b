// Ingest, clean and daily on one engine. Usage: stages.ts duckdb|spark FILES… OUT
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { clean } from "../../src/batch/clean.ts";
import { daily } from "../../src/batch/daily.ts";
import { ingest } from "../../src/batch/ingest.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { sparkHome } from "../../src/spark/home.ts";
import { sparkCleaner } from "../../src/spark/sparkCleaner.ts";
import { settleSession, sparkEngine } from "../../src/spark/sparkEngine.ts";
import { sparkFileReader } from "../../src/spark/sparkFileReader.ts";
import { startSpark, stopSpark } from "../../src/spark/sparkServer.ts";
import { connectSpark } from "../../src/spark/sparkSession.ts";
import { freePort } from "../../testkit/spark.ts";

const [engine, ...words] = process.argv.slice(2);
const root = words[words.length - 1];
const files = words.slice(0, -1).map((path) => ({ path }));
const resources = { threads: 2, memory: "1GB" };
const workspace: Workspace = { root, clock: () => Date.UTC(2026, 0, 1), resources };

if (engine === "duckdb") {
  const from = performance.now();
  await ingest(workspace, { files });
  await clean(workspace);
  await daily(workspace);
  done(from);
} else {
  const home = { ...sparkHome(), run: join(root, "spark") };
  await startSpark(home, { ...resources, memory: "2GB", port: await freePort(), kafka: false });
  try {
    const session = await connectSpark(home, undefined);
    await settleSession(session);
    const from = performance.now();
    await ingest(workspace, { files, reader: sparkFileReader(session) });
    await clean(workspace, { cleaner: sparkCleaner(session) });
    await daily(workspace, { engine: sparkEngine(session) });
    done(from);
    await session.close();
  } finally {
    await stopSpark(home);
  }
}

/** The stages alone, without the server's start. */
function done(from: number): void {
  writeFileSync(join(root, "seconds.json"), JSON.stringify((performance.now() - from) / 1000));
}
