import { execFileSync } from "node:child_process";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clean } from "../src/batch/clean.ts";
import { daily } from "../src/batch/daily.ts";
import { ingest } from "../src/batch/ingest.ts";
import { type DailyCandle, NO_FIGURES } from "../src/candle/candle.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { listVersions } from "../src/lake/history/versions.ts";
import { SCHEMA } from "../src/lake/manifest.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { explain } from "../src/serving/explain.ts";
import { merge } from "../src/serving/merge.ts";
import { query } from "../src/serving/query.ts";
import { readDays } from "../src/serving/readDays.ts";
import { readMinutes } from "../src/serving/readMinutes.ts";
import { status } from "../src/serving/status.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { PROJECT } from "../testkit/candlebook.ts";
import { klineMessage, madeUpMinutes, outgoing, publishedCandles } from "../testkit/stream.ts";

/** The first of the golden's four days of BTCUSDT: two of files, one that the stream closed, one that is open. */
const FIRST = "2025-06-02";
const START = Date.parse(`${FIRST}T00:00:00Z`);
const MINUTE = 60_000;

let workspace: Workspace;
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), "candlebook-former-"));
  execFileSync("tar", ["xzf", join(PROJECT, "golden", "workspace", "form1.tgz"), "-C", root]);
  workspace = await openWorkspace({ root, now: "2025-06-10T00:00:00Z", threads: 1, memory: "256MB" });
});
afterEach(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

const prices = ({ day, open, high, low, close, volume, minutes }: DailyCandle) =>
  [day, open, high, low, close, volume, minutes] as const;

async function nextRun(): Promise<void> {
  await ingest(workspace, { files: [] });
  await clean(workspace);
  await daily(workspace);
  const topic = await openTopic(workspace);
  await consume(workspace, topic, { once: true }).finally(() => topic.close());
  await merge(workspace);
}

describe("a workspace of form 1", () => {
  it("is read as it is: what it lacks is not known", async () => {
    const { days } = await readDays(workspace, { symbol: "BTCUSDT" });
    expect(days).toHaveLength(3);
    expect(days[0]).toMatchObject({ day: FIRST, ...NO_FIGURES });
    const { minutes } = await readMinutes(workspace, { symbol: "BTCUSDT", day: FIRST });
    expect(minutes[0]).toMatchObject({ quoteVolume: null, takerBase: null, trades: expect.any(Number) });
    const { rows } = await query(workspace, "SELECT vwap FROM daily_filled WHERE vwap IS NULL");
    expect(rows).toHaveLength(5);
    expect((await explain(workspace, "BTCUSDT", FIRST)).served.quote_volume).toBeNull();
    expect((await status(workspace)).tables.every(({ problem }) => problem === null)).toBe(true);
  });

  it("is refused by a stage whose input has to be rebuilt first", async () => {
    const next = (stage: string) => ({
      code: "older_table",
      next: expect.stringContaining(`candlebook ${stage} first`),
    });
    await expect(daily(workspace)).rejects.toMatchObject(next("clean"));
    await expect(clean(workspace)).rejects.toMatchObject(next("ingest"));
  });

  it("is carried over by the next run, with what its files have of it", async () => {
    const before = await readDays(workspace);
    await nextRun();
    const after = await readDays(workspace);
    expect(after.days.map(prices)).toEqual(before.days.map(prices));
    const [former] = await listVersions(workspace, "daily_filled");
    const known = await query(workspace, "SELECT close, vwap FROM daily_filled", { at: former.id });
    expect(known.rows).toEqual(before.days.map(({ close }) => ({ close, vwap: null })));
    const [first] = after.days;
    expect(first.quote_volume).toBeGreaterThan(0);
    expect(first.vwap).toBe((first.quote_volume as number) / (first.volume as number));
    expect(first.taker_base).toBeCloseTo((first.volume as number) / 4, 6);
    // Six columns, and messages of version 1, have no amounts.
    expect(after.days.filter(({ symbol }) => symbol === "ETHUSDT")).toMatchObject([NO_FIGURES, NO_FIGURES]);
    expect(after.days[2]).toMatchObject({ origin: "speed", ...NO_FIGURES });
    expect((await status(workspace)).tables.every(({ problem }) => problem === null)).toBe(true);
    const { tables } = await clean(workspace);
    expect(tables.map(({ manifest, skipped }) => [manifest.schema, skipped])).toEqual([
      [SCHEMA, true],
      [SCHEMA, true],
    ]);
  });

  it("keeps the rows of files that are no longer there", async () => {
    const before = await readDays(workspace);
    await rename(join(workspace.root, "own", "ETHUSDT_1min.csv"), join(workspace.root, "moved.csv"));
    await nextRun();
    expect((await readDays(workspace)).days.map(prices)).toEqual(before.days.map(prices));
  });

  it("continues its stream where it stopped", async () => {
    const topic = await openTopic(workspace);
    const rest = madeUpMinutes(5, "BTCUSDT", START + (3 * 1_440 + 70) * MINUTE, 1_440);
    await topic.append(outgoing(rest.map((minute) => klineMessage(minute, true, minute.openTime + MINUTE))));
    const { closed, counts } = await consume(workspace, topic, { once: true }).finally(() => topic.close());
    expect(closed).toMatchObject([
      { day: "2025-06-05", minutes: 1_440, quote_volume: null, trades: expect.any(Number) },
    ]);
    expect(counts.read).toBe(1_440);
    await merge(workspace);
    const { days } = await readDays(workspace, { symbol: "BTCUSDT" });
    expect(days.map(({ day, minutes }) => [day, minutes])).toEqual([
      [FIRST, 8],
      ["2025-06-03", 8],
      ["2025-06-04", 8],
      ["2025-06-05", 1_440],
    ]);
  });

  it("gives windows that are added to its stream the candles of the open day", async () => {
    const topic = await openTopic(workspace);
    const rest = madeUpMinutes(5, "BTCUSDT", START + (3 * 1_440 + 70) * MINUTE, 200);
    await topic.append(outgoing(rest.map((minute) => klineMessage(minute, true, minute.openTime + MINUTE))));
    const windows = ["1h", "1d"] as const;
    await consume(workspace, topic, { once: true, windows }).finally(() => topic.close());
    const hours = await publishedCandles(workspace, "1h");
    const own = hours.filter(({ symbol }) => symbol === "BTCUSDT");
    expect(own.map(({ open_time, parts }) => [((open_time as number) - START) / MINUTE / 60, parts])).toEqual(
      [
        [72, 60],
        [73, 60],
        [74, 60],
      ],
    );
  });
});
