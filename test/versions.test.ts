import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingest } from "../src/batch/ingest.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { readClaim } from "../src/lake/marketClaim.ts";
import { explain } from "../src/serving/explain.ts";
import { merge } from "../src/serving/merge.ts";
import { query } from "../src/serving/query.ts";
import { status } from "../src/serving/status.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { dayRows, putTable, scratchWorkspace } from "../testkit/tables.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace("2024-02-10T00:00:00Z");
  await putTable(workspace, "daily_batch", dayRows("2024-01-01", 3));
  await putTable(workspace, "daily_backfill", dayRows("2024-01-04", 3, { origin: "backfill" }));
  await putTable(workspace, "streaming_output", dayRows("2024-01-07", 3, { origin: "speed" }));
  await merge(workspace);
});
afterEach(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

/** Makes a published table one of another form, as another candlebook would have written it. */
async function setForm(table: string, schema: number): Promise<void> {
  const path = `${await realpath(join(workspace.root, "data_analysis", table))}.json`;
  const manifest = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...manifest, schema }));
}

const UPDATE = { next: expect.stringMatching(/Update candlebook, or use another workspace/) };
const AGAIN = { next: expect.stringMatching(/Run its stage/) };

describe("what another version of candlebook wrote", () => {
  it.each(["daily_batch", "daily_backfill", "streaming_output"])("%s, a layer", async (table) => {
    await setForm(table, 3);
    await expect(merge(workspace)).rejects.toMatchObject({ code: "newer_table", ...UPDATE });
    await setForm(table, 0);
    await expect(merge(workspace)).rejects.toMatchObject({ code: "older_table", ...AGAIN });
  });

  it.each(["daily_filled", "prophet_input", "reconciliation"])("%s, made by the merge", async (table) => {
    await setForm(table, 3);
    await expect(merge(workspace)).rejects.toMatchObject({ code: "newer_table", ...UPDATE });
    expect((await status(workspace)).tables.find((one) => one.table === table)?.problem).toBe("newer_table");
    await setForm(table, 0);
    const asked = query(workspace, `SELECT * FROM ${table}`);
    await expect(asked).rejects.toMatchObject({ code: "older_table", ...AGAIN });
    await merge(workspace);
    expect((await status(workspace)).tables.every(({ problem }) => problem === null)).toBe(true);
  });

  it("the row that is to be explained", async () => {
    await setForm("daily_filled", 3);
    await expect(explain(workspace, "BTCUSDT", "2024-01-01")).rejects.toMatchObject({ code: "newer_table" });
  });

  it("the list of raw files, and the market", async () => {
    await mkdir(join(workspace.root, "data", "raw"), { recursive: true });
    await writeFile(join(workspace.root, "data", "raw", "manifest.json"), '{"schema":2,"lists":[]}');
    await expect(ingest(workspace, { files: [] })).rejects.toMatchObject({ code: "newer_table", ...UPDATE });
    await writeFile(join(workspace.root, "data", "market.json"), '{"schema":2,"markets":["real"]}');
    await expect(readClaim(workspace)).rejects.toMatchObject({ code: "unknown_market", ...UPDATE });
  });

  it("the topic, and the checkpoint of its consumer", async () => {
    const topic = await openTopic(workspace);
    await consume(workspace, topic, { once: true });
    const database = (name: string, sql: string) => {
      const opened = new DatabaseSync(join(workspace.root, "data", name));
      opened.exec(sql);
      opened.close();
    };
    database("checkpoint.db", "PRAGMA user_version = 99");
    await expect(consume(workspace, topic, { once: true })).rejects.toMatchObject({
      code: "newer_checkpoint",
      ...UPDATE,
    });
    await topic.close();
    database("topic.db", "UPDATE topic SET schema = 99");
    await expect(openTopic(workspace)).rejects.toMatchObject({ code: "newer_topic", ...UPDATE });
  });

  it("lines of the run log are passed over", async () => {
    const line = (schema: number) => ({ schema, at: "x", command: "run", rows: 1, seconds: 1, exit: schema });
    await writeFile(
      join(workspace.root, "data", "runs.jsonl"),
      [line(1), line(2)].map((one) => `${JSON.stringify(one)}\n`).join(""),
    );
    expect((await status(workspace)).lastRun?.exit).toBe(1);
  });
});
