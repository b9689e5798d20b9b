import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Candle } from "../src/candle/candle.ts";
import {
  clean,
  type DaysOfTable,
  daily,
  explain,
  ingest,
  merge,
  readDays,
  reconciliation,
  type Workspace,
} from "../src/index.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { addDays, type Day, dayOf } from "../src/time/day.ts";
import { type EpochMs, MINUTE_MS } from "../src/time/epoch.ts";
import type { Message } from "../src/topic/message.ts";
import { openTopic } from "../src/topic/openTopic.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";
import { disorder, klineMessage, outgoing } from "../testkit/stream.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

if (noRecordedData) console.warn(`Skipped: the lambda tests; ${noRecordedData}.`);

const SYMBOLS = ["BTCUSDT", "ETHUSDT"];
/** The recording has 90 whole days from 2025-05-20, and a part of 2025-08-18. */
const NOW = "2025-08-18T18:30:00Z";
const FILES_END = "2025-07-03" as Day;
const TOPIC_START = "2025-06-24" as Day;

type Minutes = { header: string; lines: string[]; candles: Candle[] };

async function minutesOf(symbol: string): Promise<Minutes> {
  const file = recorded("minute", "2025-05-20_90d", `${symbol}_1min.csv.gz`);
  const [header, ...lines] = gunzipSync(await readFile(file))
    .toString()
    .trim()
    .split("\n");
  const candles = lines.map((line) => {
    const [time, open, high, low, close, volume] = line.split(",").map(Number);
    return { symbol, openTime: (time * 1000) as EpochMs, open, high, low, close, volume, trades: null };
  });
  return { header, lines, candles };
}

/** The minutes that a condition holds for as a file of the person's own. */
async function csvOf(root: string, symbol: string, { header, lines, candles }: Minutes, to: Day) {
  const path = join(root, `${symbol}_1min.csv`);
  const kept = lines.filter((_, i) => dayOf(candles[i].openTime) <= to);
  await mkdir(root, { recursive: true });
  await writeFile(path, `${[header, ...kept].join("\n")}\n`);
  return { path };
}

/** The final update of a minute, as it comes a moment after the minute's end; the numbers as the file has them. */
const finalOf = (candle: Candle): Message => ({
  ...klineMessage(candle, true, candle.openTime + MINUTE_MS + 12),
  volume: String(candle.volume),
});

async function batchLayer(workspace: Workspace, minutes: Map<string, Minutes>, to: Day): Promise<void> {
  const files = [];
  for (const [symbol, all] of minutes) files.push(await csvOf(`${workspace.root}-files`, symbol, all, to));
  await ingest(workspace, { files });
  await clean(workspace);
  await daily(workspace);
}

async function speedLayer(workspace: Workspace, batches: readonly Message[][]): Promise<void> {
  const topic = await openTopic(workspace);
  try {
    for (const messages of batches) {
      await topic.append(outgoing(messages));
      await consume(workspace, topic, { once: true });
    }
  } finally {
    await topic.close();
  }
}

const withoutOrigin = (days: DaysOfTable["days"]) =>
  days.filter(({ complete }) => complete).map(({ origin, ...day }) => day);

describe.skipIf(noRecordedData)("the two layers as one", () => {
  const workspaces: Workspace[] = [];
  const minutes = new Map<string, Minutes>();

  async function workspaceHere(): Promise<Workspace> {
    const workspace = await scratchWorkspace(NOW);
    workspaces.push(workspace);
    return workspace;
  }

  beforeAll(async () => {
    for (const symbol of SYMBOLS) minutes.set(symbol, await minutesOf(symbol));
  });
  afterAll(async () => {
    for (const { root } of workspaces) {
      await rm(root, { recursive: true });
      await rm(`${root}-files`, { recursive: true, force: true });
    }
  });

  it("half of the minutes through files, half through the topic: the all-batch timeline, but for the origin", async () => {
    const whole = await workspaceHere();
    await batchLayer(whole, minutes, "2025-08-18" as Day);
    await merge(whole);
    const { days: expected } = await readDays(whole);

    const both = await workspaceHere();
    await batchLayer(both, minutes, FILES_END);
    const live = [...minutes.values()].flatMap(({ candles }) =>
      candles.filter(({ openTime }) => dayOf(openTime) >= TOPIC_START).map(finalOf),
    );
    await speedLayer(both, [disorder(live, 8, 45 * MINUTE_MS)]);
    const { overlap } = await merge(both);
    const { days } = await readDays(both);

    const closed = withoutOrigin(days);
    expect(closed).toEqual(withoutOrigin(expected));
    expect(closed).toHaveLength(2 * 90);
    const origins = days.filter(({ symbol }) => symbol === "BTCUSDT").map(({ origin }) => origin);
    expect(origins).toEqual([...Array(45).fill("batch"), ...Array(45).fill("speed")]);
    expect(overlap.sentence.en).toBe("20 days in both layers, 20 equal.");
    const { rows } = await reconciliation(both);
    expect(rows).toHaveLength(20 * 6);
    expect(rows.filter(({ difference, cause }) => difference !== 0 || cause !== null)).toEqual([]);
  });

  it("an event withheld past the lateness is kept aside, named as the cause, and not in the closed window", async () => {
    const workspace = await workspaceHere();
    const btc = new Map([["BTCUSDT", minutes.get("BTCUSDT") as Minutes]]);
    await batchLayer(workspace, btc, "2025-05-23" as Day);
    const candles = (minutes.get("BTCUSDT") as Minutes).candles.slice(0, 6 * 1440);
    const withheld = candles[2 * 1440 + 777];
    const day = addDays("2025-05-20" as Day, 2);
    const onTime = candles.filter((candle) => candle !== withheld).map(finalOf);
    await speedLayer(workspace, [onTime, [finalOf(withheld)]]);
    const { overlap } = await merge(workspace);

    const { days: speed } = await readDays(workspace, { table: "streaming_output" });
    expect(speed.map(({ minutes: count }) => count)).toEqual([1440, 1440, 1439, 1440, 1440]);
    expect(overlap).toMatchObject({ days: 4, equal: 3, causes: { late_events: 1 } });
    const { rows } = await reconciliation(workspace);
    const different = rows.filter(({ cause }) => cause !== null);
    expect(different.map((row) => [row.day, row.field, row.cause])).toEqual([
      [day, "volume", "late_events"],
      [day, "minutes", "late_events"],
    ]);
    expect(different[0].difference).toBeCloseTo(-withheld.volume, 6);
    const { days } = await readDays(workspace);
    expect(days.find((row) => row.day === day)).toMatchObject({ origin: "batch", minutes: 1440 });
    const { lateEvents, text } = await explain(workspace, "BTCUSDT", day);
    expect(lateEvents).toBe(1);
    expect(text.en).toMatch(/1 live event came after its window had closed/);
    expect(text.en).toMatch(/speed layer knows the day too, and differs in volume by .+ \(late_events\)/);
  });
});
