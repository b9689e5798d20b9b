import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Candle } from "../src/candle/candle.ts";
import { consume } from "../src/speed/consume/consume.ts";
import { produce } from "../src/speed/produce/produce.ts";
import { DAY_MS, MINUTE_MS } from "../src/time/epoch.ts";
import { IMPATIENT, run, startLive, until } from "../testkit/live.ts";
import { measured, tries } from "../testkit/soak.ts";
import { expectedDays, publishedDays } from "../testkit/stream.ts";

const DAYS = tries(1, 30);
const SYMBOLS = Array.from({ length: tries(2, 50) }, (_, i) => (i === 0 ? "BTCUSDT" : `COIN${i}USDT`));
const START = Date.UTC(2025, 5, 3);
/** The stream goes on until the last day has closed. */
const AFTER = 70 * MINUTE_MS;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-days-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes that live. */
function heapUsed(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** What keeps the process busy, by name. */
const handles = () =>
  process.getActiveResourcesInfo().filter((name) => !/Immediate|Timeout|FSReq/.test(name));

/** The handles that are there now and were not before. */
function added(before: readonly string[]): string[] {
  const left = [...before];
  return handles().filter((name) => {
    const at = left.indexOf(name);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

describe("promise 10: days of stream", () => {
  it(`${DAYS} days of ${SYMBOLS.length} symbols: flat memory, no handle left, no minute missing`, async () => {
    const live = await startLive({
      root: folder,
      start: START,
      symbols: SYMBOLS,
      klineEveryMs: 30_000,
      tickerEveryMs: 30_000,
    });
    const controller = new AbortController();
    const { signal } = controller;
    const notes: string[] = [];
    const producing = produce(
      live.workspace,
      {
        symbols: SYMBOLS,
        topic: live.topic,
        clock: live.learnt,
        streamUrl: live.simulator.streamUrl,
        exchange: live.exchange,
        patience: IMPATIENT,
      },
      { signal, progress: ({ note }) => notes.length < 1_000 && notes.push(note) },
    );
    const consuming = consume(
      live.workspace,
      live.topic,
      { batch: { messages: 5_000, ms: 200 } },
      { signal },
    );
    for (const work of [producing, consuming]) work.catch(() => {});
    await until("the stream is connected", () => live.simulator.sockets() > 0);
    const length = DAYS * DAY_MS + AFTER;
    const warm = DAY_MS / 4;
    await run(live.clock, warm, 30_000);
    const before = { heap: heapUsed(), handles: handles() };
    await run(live.clock, length - warm, 30_000);
    const grown = (heapUsed() - before.heap) / 1e6 / ((length - warm) / DAY_MS);
    // A connection that was replaced is closed by both sides, which takes a moment.
    await expect.poll(() => added(before.handles)).toEqual([]);
    const wanted = DAYS * SYMBOLS.length;
    await until(
      "the last day has closed",
      async () => (await publishedDays(live.workspace)).length === wanted,
    );
    controller.abort();
    for (const work of [producing, consuming]) {
      await expect(work).rejects.toMatchObject({ code: "interrupted" });
    }
    expect(live.exchange.asked).toEqual([]);
    expect(notes.filter((note) => note.includes("connecting again"))).toEqual([]);
    const connections = live.simulator.requests.filter(({ path }) => path.startsWith("/stream")).length;
    expect(connections).toBe(1 + Math.floor(length / (DAY_MS - 10 * MINUTE_MS)));
    const minutes = SYMBOLS.flatMap((symbol) =>
      live.minutes(symbol, START, START + DAYS * DAY_MS),
    ) as Candle[];
    expect(await publishedDays(live.workspace)).toEqual(expectedDays(minutes));
    measured(
      `promise 10: ${DAYS} days, ${SYMBOLS.length} symbols: heap ${grown.toFixed(2)} MB a day, no handle left, ${connections} connections, no minute asked for or missing`,
    );
    // A day alone measures the engine's warm-up too.
    expect(grown).toBeLessThan(DAYS === 1 ? 4 : 1);
    await live.close();
  }, 7_200_000);
});
