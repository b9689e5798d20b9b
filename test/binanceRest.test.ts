import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nearNames } from "../src/core/nearNames.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import type { Day } from "../src/time/day.ts";
import type { EpochMs } from "../src/time/epoch.ts";
import { DAY_MS, MINUTE_MS } from "../src/time/epoch.ts";
import { banList } from "../src/venues/ban.ts";
import { archiveClient, archiveFiles } from "../src/venues/binance/archiveClient.ts";
import { restClient } from "../src/venues/binance/restClient.ts";
import { type Exchange, startExchange } from "../testkit/simulator.ts";

const NOW = Date.UTC(2025, 5, 3, 12);
const FROM = (NOW - 100 * MINUTE_MS) as EpochMs;
const TO = (NOW - MINUTE_MS) as EpochMs;

let folder: string;
let exchange: Exchange | null = null;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-rest-"));
});

afterEach(async () => {
  await exchange?.simulator.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(
  faults: FaultRule[] = [],
  more: { weightLimit?: number; skew?: number; timeoutMs?: number } = {},
) {
  const started = await startExchange(
    NOW,
    { seed: 2, faults, weightLimit: more.weightLimit },
    more.timeoutMs,
  );
  exchange = started;
  const pauses: string[] = [];
  const client = () =>
    restClient({
      base: started.simulator.restUrl,
      network: { ...started.network, now: () => started.network.now() + (more.skew ?? 0) },
      bans: banList(join(folder, "bans.json")),
      market: async () => null,
      onWait: (_ms, why) => pauses.push(why),
    });
  return { ...started, client, rest: client(), pauses };
}

describe("the REST client", () => {
  const once = (fault: Extract<FaultRule, { on: "rest" | "archive" }>["fault"]): FaultRule => ({
    on: "rest",
    times: 1,
    fault,
  });

  it.each([
    ["an answer that is cut", once({ kind: "truncate", share: 0.5 })],
    ["a web page", once({ kind: "html" })],
    ["a reset", once({ kind: "reset" })],
    ["silence", once({ kind: "silence" })],
    ["a slow drip", once({ kind: "drip", pauseMs: 100 })],
    ["status 500", once({ kind: "status", status: 500 })],
    ["status 503", once({ kind: "status", status: 503, retryAfter: 3 })],
    ["status 429 without Retry-After", once({ kind: "status", status: 429 })],
  ])("asks again after %s", async (_name, fault) => {
    // What does not answer is given up by the real clock, and what does may be slow on a machine with other work.
    const { rest, simulator } = await start([fault], { timeoutMs: 5_000 });
    expect(await rest.candles("BTCUSDT", "1m", FROM, TO)).toHaveLength(100);
    expect(simulator.requests).toHaveLength(2);
  });

  it("waits as long as a 429 says, and tells why", async () => {
    const { rest, waited, pauses } = await start([once({ kind: "status", status: 429, retryAfter: 35 })]);
    expect(await rest.candles("BTCUSDT", "1m", FROM, TO)).toHaveLength(100);
    expect(waited()).toBe(35_000);
    expect(pauses).toEqual(["status 429, too many requests"]);
  });

  describe("without a network", () => {
    const offline = (code: string) => {
      throw Object.assign(new TypeError("fetch failed"), { cause: { code } });
    };
    afterEach(() => vi.unstubAllGlobals());

    it.each(["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH"])("decides by one request (%s)", async (code) => {
      const { rest, waited } = await start();
      const asked = vi.fn(() => offline(code));
      vi.stubGlobal("fetch", asked);
      await expect(rest.time()).rejects.toMatchObject({ code: "exchange_unreachable", exit: 3 });
      expect([asked.mock.calls.length, waited()]).toEqual([1, 0]);
    });

    it("asks again after it was answered once: a name that is lost for a moment comes back", async () => {
      const { rest, waited } = await start();
      const fetchIt = fetch;
      let calls = 0;
      vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
        calls += 1;
        return calls === 2 ? offline("EAI_AGAIN") : fetchIt(url, init);
      });
      expect(await rest.time()).toBe(NOW);
      expect(await rest.time()).toBe(NOW + waited());
      expect(calls).toBe(3);
    });

    it("finds no archive by one request either", async () => {
      const { network, waited } = await start();
      const asked = vi.fn(() => offline("ENOTFOUND"));
      vi.stubGlobal("fetch", asked);
      const [file] = archiveFiles("BTCUSDT", "1m", "2025-05-01" as Day, "2025-05-01" as Day);
      const archive = archiveClient({ base: "http://127.0.0.1:1", network, market: null });
      await expect(archive.checksum(file)).rejects.toMatchObject({ code: "archive_unreachable", exit: 3 });
      expect([asked.mock.calls.length, waited()]).toEqual([1, 0]);
    });
  });

  it("gives up after some tries, with exit 3", async () => {
    const { rest, simulator } = await start([{ on: "rest", fault: { kind: "reset" } }]);
    await expect(rest.candles("BTCUSDT", "1m", FROM, TO)).rejects.toMatchObject({
      code: "exchange_unreachable",
      exit: 3,
    });
    expect(simulator.requests).toHaveLength(5);
  });

  it.each([
    [403, "blocked_region"],
    [451, "blocked_region"],
  ])("does not ask again after status %i", async (status, code) => {
    const { rest, simulator } = await start([once({ kind: "status", status })]);
    await expect(rest.candles("BTCUSDT", "1m", FROM, TO)).rejects.toMatchObject({ code, exit: 3 });
    expect(simulator.requests).toHaveLength(1);
  });

  it("asks nothing while it is banned, restarts included: 100 bans (promise 7)", async () => {
    const bans = Array.from(
      { length: 100 },
      (): FaultRule => once({ kind: "status", status: 418, retryAfter: 120 }),
    );
    const { client, simulator, clock } = await start(bans);
    let during = 0;
    for (let ban = 1; ban <= 100; ban += 1) {
      await expect(client().candles("BTCUSDT", "1m", FROM, TO)).rejects.toMatchObject({
        code: "banned",
        exit: 3,
      });
      const asked = simulator.requests.length;
      expect(asked).toBe(ban);
      for (const restart of [1, 60_000, 59_000]) {
        clock.advance(restart === 1 ? 0 : restart);
        await expect(client().time()).rejects.toMatchObject({ code: "banned" });
      }
      during += simulator.requests.length - asked;
      clock.advance(2_000);
    }
    expect(await client().candles("BTCUSDT", "1m", FROM, TO)).toHaveLength(100);
    expect(during).toBe(0);
  });

  it("follows no redirect", async () => {
    const { rest, simulator } = await start([once({ kind: "redirect", to: "http://127.0.0.1:9/" })]);
    await expect(rest.time()).rejects.toMatchObject({ code: "redirected", exit: 3 });
    expect(simulator.requests).toHaveLength(1);
  });

  it("stays below 80 % of the weight limit", async () => {
    const { rest, simulator } = await start();
    for (let i = 0; i < 2_450; i += 1) await rest.candles("BTCUSDT", "1m", FROM, FROM);
    const byMinute = Map.groupBy(simulator.requests, ({ at }) => Math.floor(at / MINUTE_MS));
    expect([...byMinute.values()].map((requests) => 2 * requests.length)).toEqual([4_800, 100]);
    expect(new Set(simulator.requests.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it.each(["overlap", "unsorted", "doubled"] as const)(
    "takes a page that is %s for what it is",
    async (kind) => {
      const { rest } = await start([once({ kind })]);
      const times = (await rest.candles("BTCUSDT", "1m", FROM, TO)).map(({ openTime }) => openTime);
      expect(times).toEqual(Array.from({ length: 100 }, (_, i) => FROM + i * MINUTE_MS));
    },
  );

  it.each([-10 * MINUTE_MS, 10 * MINUTE_MS])(
    "drops the open candle by the exchange's clock, ours being %i ms off",
    async (skew) => {
      const { rest, clock } = await start([], { skew });
      clock.advance(30_000);
      expect(await rest.time()).toBe(NOW + 30_000);
      const minutes = await rest.candles("BTCUSDT", "1m", FROM, (NOW + DAY_MS) as EpochMs);
      expect(minutes.at(-1)?.openTime).toBe(NOW - MINUTE_MS);
      expect(
        await rest.candles("BTCUSDT", "1d", (NOW - 36 * 3_600_000) as EpochMs, (NOW + DAY_MS) as EpochMs),
      ).toHaveLength(1);
    },
  );

  it("names a symbol that does not exist, and those near to it", async () => {
    const { rest } = await start();
    await expect(rest.candles("BTCUSD", "1m", FROM, TO)).rejects.toMatchObject({
      code: "no_such_symbol",
      exit: 2,
    });
    expect(nearNames("BTCUSD", await rest.symbols())).toEqual(["BTCUSDT"]);
    await expect(rest.candles("btc usdt", "1m", FROM, TO)).rejects.toMatchObject({
      code: "refused_request",
      exit: 2,
    });
  });
});
