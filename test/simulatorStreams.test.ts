import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import type { FaultRule } from "../src/simulator/faults.ts";
import { manualClock, type Simulator, startSimulator } from "../src/simulator/server.ts";
import { DAY_MS, MINUTE_MS } from "../src/time/epoch.ts";
import type { Kline } from "../src/venues/binance/kline.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";

const START = Date.UTC(2025, 5, 3, 12);

interface KlineEvent {
  e: string;
  E: number;
  s: string;
  k: { t: number; x: boolean; v: string; c: string; o: string; h: string; l: string; n: number };
}

let running: { close(): Promise<void> | void }[] = [];

afterEach(async () => {
  for (const one of running.reverse()) await one.close();
  running = [];
});

async function start(faults: FaultRule[] = [], pongTimeoutMs = Number.POSITIVE_INFINITY) {
  const clock = manualClock(START);
  const simulator = await startSimulator({ clock, seed: 4, faults, pongTimeoutMs });
  running.push(simulator);
  return { clock, simulator };
}

/** A client that keeps all that it hears. */
async function listen(simulator: Simulator, path: string, options: WebSocket.ClientOptions = {}) {
  const client = new WebSocket(`${simulator.streamUrl}${path}`, options);
  running.push({ close: () => client.terminate() });
  const heard: string[] = [];
  const state = { pings: 0, code: 0 };
  client.on("message", (data) => heard.push(String(data)));
  client.on("ping", () => {
    state.pings += 1;
  });
  const closed = new Promise<void>((resolve) => {
    client.on("close", (code) => {
      state.code = code;
      resolve();
    });
  });
  client.on("error", () => {});
  await new Promise((resolve, reject) => {
    client.once("open", resolve);
    client.once("error", reject);
  });
  return { client, heard, state, closed };
}

/** All that was sent so far has arrived when the answer to a question comes back. */
async function settled({ client, heard, state }: Awaited<ReturnType<typeof listen>>): Promise<void> {
  client.send('{"method":"LIST_SUBSCRIPTIONS","id":99}');
  while (!heard.some((text) => text.endsWith('"id":99}'))) {
    if (state.code !== 0) throw new Error(`The socket was closed with ${state.code}.`);
    await new Promise(setImmediate);
  }
  heard.splice(
    heard.findIndex((text) => text.endsWith('"id":99}')),
    1,
  );
}

describe("the simulated exchange's streams", () => {
  it("send a minute's updates and its final form, which is what REST says", async () => {
    const { clock, simulator } = await start();
    const stream = await listen(simulator, "/ws/btcusdt@kline_1m");
    for (let second = 0; second < 180; second += 1) clock.advance(1000);
    await settled(stream);
    const events = stream.heard.map((text) => JSON.parse(text) as KlineEvent);
    expect(events).toHaveLength(90);
    const finals = events.filter(({ k }) => k.x);
    expect(finals.map(({ k }) => k.t)).toEqual([0, 1, 2].map((i) => START + i * MINUTE_MS));
    const answer = await fetch(
      `${simulator.restUrl}/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=${START}&limit=3`,
    );
    const klines = (await answer.json()) as Kline[];
    expect(finals.map(({ k }) => [k.t, k.o, k.h, k.l, k.c, k.v, k.n])).toEqual(
      klines.map(([t, o, h, l, c, v, , , n]) => [t, o, h, l, c, v, n]),
    );
    const volumes = events.slice(0, 30).map(({ k }) => Number(k.v));
    expect(volumes).toEqual(volumes.toSorted((a, b) => a - b));
    expect(events.every(({ E, k }) => E > k.t)).toBe(true);
  });

  it.skipIf(noRecordedData !== null)(
    "have the recorded frames' fields in their order and types",
    async () => {
      const { clock, simulator } = await start();
      const stream = await listen(simulator, "/stream?streams=btcusdt@kline_1m/btcusdt@ticker");
      clock.advance(2000);
      await settled(stream);
      const lines = (await readFile(recorded("ws", "messages.ndjson"), "utf8")).trimEnd().split("\n");
      const frames = lines.map(
        (line) => JSON.parse(line) as { market_guess: string; payload: { stream?: string } },
      );
      for (const type of ["btcusdt@kline_1m", "btcusdt@ticker"]) {
        const real = frames.find(
          ({ market_guess, payload }) => market_guess === "spot" && payload.stream === type,
        );
        const ours = stream.heard.map((text) => JSON.parse(text)).find((frame) => frame.stream === type);
        expect(shape(ours)).toBe(shape(real?.payload));
      }
    },
  );

  it("answer subscriptions, and refuse what the exchange refuses", async () => {
    const { clock, simulator } = await start();
    const stream = await listen(simulator, "/ws");
    stream.client.send('{"method":"SUBSCRIBE","params":["ethusdt@ticker","nosuch@ticker"],"id":1}');
    stream.client.send('{"method":"JUMP","id":2}');
    stream.client.send("{");
    await settled(stream);
    clock.advance(1000);
    await settled(stream);
    const [subscribed, refused, broken, ticker] = stream.heard.map((text) => JSON.parse(text));
    expect(subscribed).toEqual({ result: null, id: 1 });
    expect(refused.error.code).toBe(2);
    expect(broken.error.code).toBe(3);
    expect(ticker).toMatchObject({
      e: "24hrTicker",
      s: "ETHUSDT",
      C: START + 1000,
      O: START + 1000 - DAY_MS,
    });
  });

  it("ping every 20 s, leave who does not answer, and end after 24 hours", async () => {
    const { clock, simulator } = await start([], 60_000);
    const good = await listen(simulator, "/ws/btcusdt@kline_1m");
    const mute = await listen(simulator, "/ws/btcusdt@kline_1m", { autoPong: false });
    for (let i = 0; i < 5; i += 1) {
      clock.advance(20_000);
      await settled(good);
    }
    await mute.closed;
    expect(good.state).toEqual({ pings: 5, code: 0 });
    expect(mute.state.code).toBe(1008);
    clock.advance(DAY_MS);
    await good.closed;
    await expect.poll(() => simulator.sockets()).toBe(0);
  });

  it("fall silent, are cut, torn and refused, by schedule", async () => {
    const at = (seconds: number) => START + seconds * 1000;
    const { clock, simulator } = await start([
      { on: "stream", from: at(10), to: at(20), fault: { kind: "silent" } },
      { on: "stream", from: at(30), fault: { kind: "cut" } },
      { on: "stream", from: at(40), fault: { kind: "tear" } },
      { on: "stream", from: at(50), to: at(60), fault: { kind: "refuse" } },
    ]);
    const first = await listen(simulator, "/ws/btcusdt@kline_1m");
    for (let second = 0; second < 28; second += 2) clock.advance(2000);
    await settled(first);
    expect(first.heard).toHaveLength(14 - 5);
    clock.advance(2000);
    await first.closed;
    const second = await listen(simulator, "/ws/btcusdt@kline_1m");
    clock.advance(10_000);
    await second.closed;
    expect(second.state.code).toBe(1006);
    clock.advance(10_000);
    await expect(listen(simulator, "/ws/btcusdt@kline_1m")).rejects.toThrow("503");
    clock.advance(10_000);
    await listen(simulator, "/ws/btcusdt@kline_1m");
  });

  it("lose, double, swap and break messages, the same ones for the same seed", async () => {
    const run = async (fault: "lose" | "duplicate" | "reorder" | "garble" | "unknown") => {
      const { clock, simulator } = await start([{ on: "stream", fault: { kind: fault, share: 0.3 } }]);
      const stream = await listen(simulator, "/ws/btcusdt@kline_1m");
      for (let i = 0; i < 60; i += 1) clock.advance(2000);
      await settled(stream);
      return stream.heard;
    };
    const times = (heard: string[]) => heard.map((text) => (JSON.parse(text) as KlineEvent).E);
    const lost = await run("lose");
    expect(lost.length).toBeLessThan(55);
    expect(await run("lose")).toEqual(lost);
    expect((await run("duplicate")).length).toBeGreaterThan(65);
    const swapped = times(await run("reorder"));
    expect(swapped).not.toEqual(swapped.toSorted((a, b) => a - b));
    await expect(run("garble").then(times)).rejects.toThrow(SyntaxError);
    expect((await run("unknown")).filter((text) => text.includes("newEvent")).length).toBeGreaterThan(5);
  });
});

/** Keys in their order, with the type of each value. */
function shape(value: unknown): string {
  if (value === null || typeof value !== "object") return typeof value;
  return `{${Object.entries(value).map(([key, item]) => `${key}:${shape(item)}`)}}`;
}
