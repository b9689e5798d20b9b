import { copyFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Candle } from "../src/candle/candle.ts";
import type { ProgressEvent } from "../src/core/progress.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { DAY_MS, MINUTE_MS } from "../src/time/epoch.ts";
import { embeddedTopic, klineMessage, madeUpMinutes, outgoing, publishedDays } from "../testkit/stream.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

const START = Date.UTC(2025, 5, 2);
const DATABASES = ["checkpoint.db", "topic.db"];

/** A stream of 3 closed days, with copies of its databases from when there was 1. */
async function streamed() {
  const workspace = await scratchWorkspace("2025-06-10T00:00:00Z");
  onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
  const data = (...names: string[]) => join(workspace.root, "data", ...names);
  const minutes = madeUpMinutes(3, "BTCUSDT", START, 3 * 1_440 + 90);
  await feed(workspace, minutes.slice(0, 1_530));
  await mkdir(data("older"));
  for (const name of DATABASES) await copyFile(data(name), data("older", name));
  await feed(workspace, minutes.slice(1_530));
  const putBack = async (names: readonly string[]) => {
    for (const name of names) {
      for (const side of ["-wal", "-shm"]) await rm(data(name) + side, { force: true });
      await copyFile(data("older", name), data(name));
    }
  };
  return { workspace, putBack, days: await publishedDays(workspace) };
}

async function feed(workspace: Workspace, minutes: readonly Candle[]): Promise<string[]> {
  const notes: string[] = [];
  const topic = embeddedTopic(workspace, { partitions: 1 });
  await topic.append(outgoing(minutes.map((one) => klineMessage(one, true, one.openTime + MINUTE_MS))));
  const progress = ({ note }: ProgressEvent) => void notes.push(note);
  await consume(workspace, topic, { once: true }, { progress }).finally(() => topic.close());
  return notes;
}

describe("an older copy in the place of a database", () => {
  it("of the checkpoint is caught up from the topic", async () => {
    const { workspace, putBack, days } = await streamed();
    expect(days).toHaveLength(3);
    await putBack(["checkpoint.db"]);
    await feed(workspace, []);
    expect(await publishedDays(workspace)).toEqual(days);
  });

  it("of the topic is refused", async () => {
    const { workspace, putBack, days } = await streamed();
    await putBack(["topic.db"]);
    await expect(feed(workspace, [])).rejects.toMatchObject({ code: "offsets_lost", exit: 2 });
    expect(await publishedDays(workspace)).toEqual(days);
  });

  it("of both removes no published day, and is reported", async () => {
    const { workspace, putBack, days } = await streamed();
    await putBack(DATABASES);
    const later = madeUpMinutes(9, "BTCUSDT", START + 5 * DAY_MS, 1_600);
    const notes = await feed(workspace, later);
    expect(notes.filter((note) => note.includes("checkpoint.db is older"))).toHaveLength(1);
    const after = await publishedDays(workspace);
    expect(after.slice(0, 3)).toEqual(days);
    expect(after).toHaveLength(4);
    expect((await feed(workspace, [])).join()).not.toContain("older");
  });
});
