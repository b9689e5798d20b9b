import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { foldDays } from "../src/candle/foldDay.ts";
import type { KlineBook } from "../src/simulator/book.ts";
import { type Recording, readRecordings, recordedBook } from "../src/simulator/recordedBook.ts";
import type { Simulator } from "../src/simulator/server.ts";
import { answerRest } from "../src/simulator/simulatedRest.ts";
import { weightCounter } from "../src/simulator/weight.ts";
import type { EpochMs } from "../src/time/epoch.ts";
import { DAY_MS, MINUTE_MS } from "../src/time/epoch.ts";
import { type Kline, klineToCandle } from "../src/venues/binance/kline.ts";
import { type Interval, isInterval } from "../src/venues/venueInterval.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";
import { startExchange } from "../testkit/simulator.ts";

const NOW = Date.UTC(2025, 5, 3, 12, 0, 30);

let simulator: Simulator | null = null;

afterEach(async () => {
  await simulator?.close();
  simulator = null;
});

async function get(path: string): Promise<{ status: number; body: unknown; headers: Headers }> {
  simulator ??= (await startExchange(NOW, { seed: 4, weightLimit: 200 })).simulator;
  const answer = await fetch(simulator.restUrl + path);
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

async function klines(query: string): Promise<Kline[]> {
  const { status, body } = await get(`/api/v3/klines?symbol=BTCUSDT&${query}`);
  expect(status).toBe(200);
  return body as Kline[];
}

function answer(book: KlineBook, now: number, query: string): unknown {
  const state = { book, now: now as EpochMs, weightLimit: 6000, admit: weightCounter(6000) };
  return answerRest(state, "/api/v3/klines", new URLSearchParams(query))?.body;
}

describe.skipIf(noRecordedData !== null)("the simulated exchange in replay gives the recorded bodies", () => {
  it("of daily klines, an early end of 2018-02-08 included", async () => {
    const book = recordedBook(await readRecordings(recorded("klines_rest")));
    const now = Date.UTC(2026, 8, 1);
    let bodies = 0;
    for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
      for (const file of readdirSync(recorded("klines_rest", `${symbol}_1d`))) {
        const body = JSON.parse(
          readFileSync(recorded("klines_rest", `${symbol}_1d`, file), "utf8"),
        ) as Kline[];
        const query = `symbol=${symbol}&interval=1d&startTime=${body[0][0]}&endTime=${body[body.length - 1][0]}&limit=1000`;
        expect(answer(book, now, query)).toEqual(body);
        bodies += 1;
      }
    }
    expect(bodies).toBe(12);
  });

  it("of queries that others recorded, whatever their start, end and limit", () => {
    const bytes = gunzipSync(readFileSync(recorded("rest", "spot_market_requests_responses.json.gz")));
    const all = JSON.parse(bytes.toString()) as Record<string, { query: string; response: Kline[] }[]>;
    let compared = 0;
    for (const { query, response } of all["/api/v3/klines"]) {
      const asked = new URLSearchParams(query);
      const interval = asked.get("interval") ?? "";
      if (!isInterval(interval) || response.length === 0) continue;
      const symbol = asked.get("symbol") as string;
      const recording: Recording = { symbol, interval, klines: response };
      const now = response[response.length - 1][6] + 1;
      expect(answer(recordedBook([recording]), now, query)).toEqual(response);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(8);
  });

  it("and the recorded error", () => {
    const { errors } = JSON.parse(readFileSync(recorded("rest", "error_bodies.json"), "utf8"));
    const book = recordedBook([{ symbol: "BTCUSDT", interval: "1m", klines: [] }]);
    expect(answer(book, NOW, "symbol=NOSUCH&interval=1m")).toEqual(errors[0].body);
  });

  it("folds days from recorded minutes that are the exchange's own", async () => {
    const minutes = recordedBook(await readRecordings(recorded("minute", "2025-05-20_90d")));
    const days = recordedBook(await readRecordings(recorded("klines_rest")));
    const time = Date.UTC(2025, 5, 1) as EpochMs;
    const now = Date.UTC(2025, 8, 1) as EpochMs;
    const [ours, theirs] = [minutes, days].map((book) => book.kline("ETHUSDT", "1d", time, now) as Kline);
    expect(ours.slice(0, 5)).toEqual(theirs.slice(0, 5));
    expect(Number(ours[5])).toBeCloseTo(Number(theirs[5]), 3);
  });
});

describe("the simulated exchange's REST answers", () => {
  it("bound klines by open time, both ends included, at most 1,000, the last ones where no start is given", async () => {
    const from = NOW - (NOW % MINUTE_MS) - 2000 * MINUTE_MS;
    const times = (rows: Kline[]) => rows.map(([time]) => time);
    expect(times(await klines(`interval=1m&startTime=${from}&endTime=${from + MINUTE_MS}`))).toEqual([
      from,
      from + MINUTE_MS,
    ]);
    expect(times(await klines(`interval=1m&startTime=${from + 1}&limit=1`))).toEqual([from + MINUTE_MS]);
    expect(await klines(`interval=1m&startTime=${from}`)).toHaveLength(500);
    // The real exchange has seconds; the simulated market is made of minutes.
    expect((await get("/api/v3/klines?symbol=BTCUSDT&interval=1s")).status).toBe(400);
    expect(await klines(`interval=1m&startTime=${from}&limit=1500`)).toHaveLength(1000);
    expect(times(await klines("interval=1m&limit=2"))).toEqual([
      NOW - (NOW % MINUTE_MS) - MINUTE_MS,
      NOW - (NOW % MINUTE_MS),
    ]);
    expect(times(await klines(`interval=1m&endTime=${from}&limit=1`))).toEqual([from]);
    expect(await klines(`interval=1m&startTime=${NOW + DAY_MS}`)).toEqual([]);
  });

  it("show the open candle as far as it is", async () => {
    const [before, open] = await klines("interval=1m&limit=2");
    expect(open[6]).toBe(NOW - (NOW % MINUTE_MS) + MINUTE_MS - 1);
    expect(Number(open[5])).toBeGreaterThan(0);
    expect(open[1]).toBe(before[4]);
  });

  it.each([
    ["1w", Date.UTC(2025, 4, 19), 7],
    ["3d", Date.UTC(2025, 4, 21), 3],
  ])("fold %s on its own grid", async (interval, start, days) => {
    const found = await klines(`interval=${interval}&startTime=${start - DAY_MS}&limit=1`);
    const own = await klines(`interval=1d&startTime=${start}&limit=${days}`);
    expect(found.map(([open]) => open)).toEqual([start]);
    expect(Number(found[0][2])).toBe(Math.max(...own.map((day) => Number(day[2]))));
    expect(found[0][4]).toBe(own[days - 1][4]);
  });

  it("fold longer intervals from the same minutes", async () => {
    const start = Date.UTC(2025, 5, 2);
    const pages = await Promise.all(
      [start, start + 1000 * MINUTE_MS].map((from) =>
        klines(`interval=1m&startTime=${from}&endTime=${start + DAY_MS - 1}&limit=1000`),
      ),
    );
    const [folded] = foldDays(pages.flat().map((kline) => klineToCandle("BTCUSDT", kline)));
    const [[, ...day]] = await klines(`interval=1d&startTime=${start}&limit=1`);
    expect(day.slice(0, 5).map(Number)).toEqual([
      folded.open,
      folded.high,
      folded.low,
      folded.close,
      folded.volume,
    ]);
  });

  it.each([
    ["klines?interval=1m", 400, -1102],
    ["klines?symbol=BTCUSDT", 400, -1102],
    ["klines?symbol=NOSUCH&interval=1m", 400, -1121],
    ["klines?symbol=b%20c&interval=1m", 400, -1100],
    ["klines?symbol=BTCUSDT&interval=7m", 400, -1120],
    ["klines?symbol=BTCUSDT&interval=1m&limit=0", 400, -1130],
    ["klines?symbol=BTCUSDT&interval=1m&startTime=x", 400, -1100],
    ["klines?symbol=BTCUSDT&interval=1m&more=1", 400, -1104],
  ])("refuse %s", async (path, status, code) => {
    expect(await get(`/api/v3/${path}`)).toMatchObject({ status, body: { code } });
  });

  it("count weights by the minute, refuse with 429, then ban with 418", async () => {
    expect((await get("/api/v3/ping")).headers.get("x-mbx-used-weight-1m")).toBe("1");
    expect((await get("/api/v3/exchangeInfo")).headers.get("x-mbx-used-weight-1m")).toBe("21");
    const intervals: Interval[] = ["1m"];
    for (let i = 0; i < 89; i += 1) await klines(`interval=${intervals[0]}&limit=1`);
    const refused = await get("/api/v3/klines?symbol=BTCUSDT&interval=1m");
    expect(refused).toMatchObject({ status: 429, body: { code: -1003 } });
    expect(refused.headers.get("retry-after")).toBe("30");
    for (let i = 0; i < 9; i += 1) await get("/api/v3/ping");
    const banned = await get("/api/v3/ping");
    expect(banned).toMatchObject({ status: 418, body: { code: -1003 } });
    expect(banned.headers.get("retry-after")).toBe("120");
    expect(JSON.stringify(banned.body)).toContain(`IP banned until ${NOW + 120_000}`);
  });
});

it("survives paths of two slashes, and refuses pages of other sites", async () => {
  simulator ??= (await startExchange(NOW)).simulator;
  const statusOf = async (path: string, headers: Record<string, string>) => {
    const { host } = new URL(simulator?.restUrl ?? "");
    const socket = connect(Number(host.split(":")[1]), "127.0.0.1");
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`);
    socket.write([`GET ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n"));
    const [answer] = await once(socket, "data");
    socket.destroy();
    return Number(/^HTTP\/1.1 (\d+)/.exec(String(answer))?.[1]);
  };
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  const foreign = { origin: "http://evil.example" };
  expect([await statusOf("//", {}), await statusOf("//", upgrade)]).toEqual([404, 404]);
  expect([await statusOf("/api/v3/time", {}), await statusOf("/ws", upgrade)]).toEqual([200, 101]);
  expect([
    await statusOf("/api/v3/time", foreign),
    await statusOf("/ws", { ...upgrade, ...foreign }),
  ]).toEqual([403, 403]);
  expect(await statusOf("/api/v3/time", { host: "evil.example" })).toBe(403);
});
