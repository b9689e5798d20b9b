import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CandlebookError } from "../src/core/errors.ts";
import { seededRandom } from "../src/core/random.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { withTableLock } from "../src/lake/lock.ts";
import { run } from "../src/pipeline/run.ts";
import { status } from "../src/serving/status.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { openWindows } from "../src/speed/consume/openWindows.ts";
import { MINUTE_MS } from "../src/time/epoch.ts";
import { embeddedTopic, klineMessage, madeUpMinutes, outgoing, publishedDays } from "../testkit/stream.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

const START = Date.UTC(2025, 5, 2);

/** A workspace whose stream has one closed day and an open one. */
async function streamed(): Promise<Workspace> {
  const workspace = await scratchWorkspace("2025-06-10T00:00:00Z");
  onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
  const minutes = madeUpMinutes(3, "BTCUSDT", START, 1_440 + 90);
  const topic = embeddedTopic(workspace, { partitions: 1 });
  await topic.append(outgoing(minutes.map((one) => klineMessage(one, true, one.openTime + MINUTE_MS))));
  await consume(workspace, topic, { once: true });
  await topic.close();
  return workspace;
}

async function consumeAgain(workspace: Workspace): Promise<void> {
  const topic = embeddedTopic(workspace, { partitions: 1 });
  await consume(workspace, topic, { once: true }).finally(() => topic.close());
}

/** Damage by kind; `share` says where. */
const DAMAGE: Record<string, (bytes: Buffer, share: number) => Buffer> = {
  "cut off": (bytes, share) => bytes.subarray(0, Math.floor(bytes.length * share)),
  "overwritten by zeros": (bytes, share) => Buffer.from(bytes).fill(0, Math.floor(bytes.length * share)),
  "overwritten in one place": (bytes, share) => {
    const at = Math.floor(bytes.length * share);
    return Buffer.from(bytes).fill(0xa5, at, at + 700);
  },
  "replaced by other text": () => Buffer.from("{}"),
};

describe.each(Object.keys(DAMAGE))("a database that is %s", (kind) => {
  it.each([
    ["checkpoint.db", "damaged_checkpoint"],
    ["topic.db", "damaged_topic"],
  ])("is told (%s)", async (file, code) => {
    const workspace = await streamed();
    const path = join(workspace.root, "data", file);
    const days = await publishedDays(workspace);
    const random = seededRandom(5);
    const whole = await readFile(path);
    const codes = new Set<string>();
    for (let i = 0; i < 8; i += 1) {
      await writeFile(path, DAMAGE[kind](whole, random()));
      for (const side of ["-wal", "-shm"]) await rm(path + side, { force: true });
      const found = await status(workspace, { stream: openWindows });
      expect(found.tables.map(({ table }) => table)).toContain("streaming_output");
      const error = await consumeAgain(workspace).catch((caught: unknown) => caught);
      if (error === undefined) continue;
      expect(error).toBeInstanceOf(CandlebookError);
      codes.add((error as CandlebookError).code);
      expect(await publishedDays(workspace)).toEqual(days);
    }
    for (const one of codes) expect([code, "offset_out_of_range", "topic_recreated"]).toContain(one);
    if (kind !== "overwritten in one place") expect(codes).toContain(code);
  });
});

it("a damaged bookkeeping file is named", async () => {
  const workspace = await streamed();
  await mkdir(join(workspace.root, "data", "raw"), { recursive: true });
  await writeFile(join(workspace.root, "data", "market.json"), "{");
  await expect(run(workspace, { csv: [{ path: "x.csv" }] } as never)).rejects.toMatchObject({
    code: "damaged_file",
    message: expect.stringContaining("market.json"),
  });
});

it("a workspace has one run at a time", async () => {
  const workspace = await streamed();
  const file = join(workspace.root, "BTCUSDT.csv");
  await writeFile(file, `timestamp,open,high,low,close,volume\n${START},1,2,1,1,1\n`);
  let release = () => {};
  const held = withTableLock(workspace, "run", () => new Promise<void>((resolve) => (release = resolve)));
  const second = run(workspace, { files: [{ path: file }], until: "ingest" } as never);
  await expect(second).rejects.toMatchObject({
    code: "table_locked",
    message: expect.stringContaining(String(process.pid)),
  });
  release();
  await held;
});
