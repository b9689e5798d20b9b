import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CONTRACT_NOW, readAll, readRecords, topicContract } from "../../test/topicContract.ts";
import { NO_AMOUNTS } from "../candle/candle.ts";
import { DAY_MS } from "../time/epoch.ts";
import { openEmbeddedTopic } from "./embedded.ts";
import { chunks, sendInHalves } from "./kafka.ts";
import { decodeMessage, encodeMessage, type Message } from "./message.ts";
import { parseBrokers } from "./openTopic.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "candlebook-topic-"));
});
afterAll(() => rm(folder, { recursive: true }));

const embedded = (name: string, partitions = 1, clock = () => CONTRACT_NOW, retainMs?: number) =>
  openEmbeddedTopic({ path: join(folder, `${name}.db`), name, partitions, clock, retainMs });

topicContract("embedded", async (name, partitions) => embedded(name, partitions));

describe("the embedded topic", () => {
  it("forgets what is older than its retention, and says so to a reader that comes too late", async () => {
    let now = CONTRACT_NOW;
    const topic = embedded("retention", 2, () => now, DAY_MS);
    for (let day = 0; day < 5; day += 1) {
      await topic.append(["A", "A", "BTCUSDT"].map((key) => ({ key, value: String(day) })));
      now += DAY_MS / 2;
    }
    const ranges = await topic.ranges();
    expect(ranges.map(({ first, end }) => end - first).reduce((a, b) => a + b)).toBe(9);
    const kept = await readAll(topic);
    expect([...new Set(kept.map(({ value }) => value))].sort()).toEqual(["2", "3", "4"]);
    const late = await topic.read([0, 0]);
    await expect(late.next(0)).rejects.toMatchObject({ code: "offset_out_of_range" });
    await topic.close();
  });

  it("is read and written by two at once", async () => {
    const [writer, other] = [embedded("shared"), embedded("shared")];
    const reader = await other.read([0]);
    for (let n = 0; n < 50; n += 1) {
      await (n % 2 === 0 ? writer : other).append([{ key: "A", value: String(n) }]);
    }
    expect((await readRecords(reader, 50)).map(({ value }) => Number(value))).toEqual(
      Array.from({ length: 50 }, (_, n) => n),
    );
    await writer.close();
    await other.close();
  });

  it.each([0, 1.5, 2_000])("refuses %d partitions", (partitions) => {
    expect(() => embedded("refused", partitions)).toThrowError(/1 to 1024 partitions/);
  });
});

const kline = {
  type: "kline",
  symbol: "BTCUSDT",
  openTime: 1_723_161_600_000,
  open: "61684.01",
  high: "61700.00",
  low: "61650.00",
  close: "61660.01",
  volume: "12.30450",
  trades: 812,
  final: true,
  eventTime: 1_723_161_660_012,
} satisfies Message;
const ticker = {
  type: "ticker",
  symbol: "BTCUSDT",
  price: "61660.01",
  eventTime: 1_723_161_660_015,
} satisfies Message;

describe("messages", () => {
  it("carry the exchange's numbers through", () => {
    expect(decodeMessage(encodeMessage(kline))).toMatchObject({
      kind: "kline",
      final: true,
      simulated: false,
      candle: { symbol: "BTCUSDT", open: 61_684.01, volume: 12.3045, trades: 812 },
    });
    expect(decodeMessage(encodeMessage(ticker))).toMatchObject({ kind: "ticker", price: 61_660.01 });
    expect(decodeMessage(encodeMessage({ ...ticker, market: "simulated" }))).toMatchObject({
      simulated: true,
    });
  });

  it("have the amounts from version 2 on", () => {
    const amounts = { quoteVolume: "758706.25", takerBase: "6.1", takerQuote: "376126.06" };
    const candleOf = (message: object) => {
      const decoded = decodeMessage(JSON.stringify(message));
      if (decoded.kind !== "kline") throw new Error(JSON.stringify(decoded));
      return decoded.candle;
    };
    const whole = { quoteVolume: 758_706.25, takerBase: 6.1, takerQuote: 376_126.06 };
    expect(candleOf({ ...kline, ...amounts, v: 2 })).toMatchObject(whole);
    expect(candleOf({ ...kline, v: 2, takerBase: "6.1" })).toMatchObject({ ...NO_AMOUNTS, takerBase: 6.1 });
    expect(candleOf({ ...kline, ...amounts })).toMatchObject(NO_AMOUNTS);
    expect(candleOf({ ...kline, ...amounts, v: 1 })).toMatchObject(NO_AMOUNTS);
  });

  it("have an interval from version 3 on, on its own grid; minutes stay of version 2", () => {
    const monday = Date.UTC(2024, 7, 5);
    const week = { ...kline, openTime: monday, eventTime: monday + 5_000, interval: "1w", v: 3 };
    expect(decodeMessage(JSON.stringify(week))).toMatchObject({ kind: "kline", interval: "1w" });
    expect(decodeMessage(JSON.stringify(kline))).toMatchObject({ kind: "kline", interval: "1m" });
  });

  it.each([
    ["nothing", null, "no_value"],
    ["no JSON", "{", "not_json"],
    ["a number", "17", "wrong_form"],
    ["null", "null", "wrong_form"],
    ["a list", "[]", "wrong_form"],
    ["a missing field", JSON.stringify({ ...kline, close: undefined }), "wrong_form"],
    ["a number that is none", JSON.stringify({ ...kline, close: "NaN" }), "wrong_form"],
    ["a symbol with a path", JSON.stringify({ ...kline, symbol: "../BTC" }), "wrong_form"],
    ["a later form", JSON.stringify({ v: 4, type: "kline" }), "newer_version"],
    ["a later form, whole", JSON.stringify({ ...kline, v: 4 }), "newer_version"],
    ["an interval in version 2", JSON.stringify({ ...kline, interval: "1h", v: 2 }), "wrong_form"],
    ["no interval in version 3", JSON.stringify({ ...kline, v: 3 }), "wrong_form"],
    ["a month", JSON.stringify({ ...kline, interval: "1M", v: 3 }), "wrong_form"],
    ["a week off the grid", JSON.stringify({ ...kline, interval: "1w", v: 3 }), "off_grid"],
    ["an amount below 0", JSON.stringify({ ...kline, quoteVolume: "-1", v: 2 }), "wrong_form"],
    ["a minute off the grid", JSON.stringify({ ...kline, openTime: kline.openTime + 1 }), "off_grid"],
    ["a minute that is yet to come", JSON.stringify({ ...kline, eventTime: kline.openTime - 1 }), "bad_time"],
    ["a high below the close", JSON.stringify({ ...kline, high: "61650.00" }), "high_low_inconsistent"],
    ["a price of nothing", JSON.stringify({ ...ticker, price: "0" }), "non_positive_price"],
    ["a huge volume", JSON.stringify({ ...kline, volume: "9".repeat(22) }), "unreadable_number"],
  ])("with %s are kept aside", (_, value, reason) => {
    expect(decodeMessage(value)).toEqual({ kind: "poison", reason });
  });

  it("of types to come are skipped, fields to come ignored", () => {
    expect(decodeMessage('{"type":"trade","price":1}')).toEqual({ kind: "unknown", type: "trade" });
    expect(decodeMessage(JSON.stringify({ ...ticker, v: 1, more: {} }))).toMatchObject({ kind: "ticker" });
  });
});

describe("requests to a broker", () => {
  const messages = (sizes: number[]) =>
    sizes.map((size) => ({ key: null, value: "x".repeat(size), partition: 0 }));

  it("stay below what a broker takes, and lose nothing", () => {
    const sizes = [300_000, 300_000, 300_000, 900_000, 10];
    const cut = chunks(messages(sizes));
    expect(cut.flat().map(({ value }) => value.length)).toEqual(sizes);
    expect(cut.map((chunk) => chunk.length)).toEqual([2, 1, 1, 1]);
  });

  it("are halved until only a message that is too large by itself is refused", async () => {
    const taken: number[] = [];
    const send = async (part: readonly { value: string }[]) => {
      const bytes = part.reduce((sum, { value }) => sum + value.length, 0);
      if (bytes > 100) throw new Error("too large");
      taken.push(...part.map(({ value }) => value.length));
    };
    await sendInHalves(messages([60, 60, 60, 60]), send, () => true);
    expect(taken).toEqual([60, 60, 60, 60]);
    await expect(sendInHalves(messages([10, 150]), send, () => true)).rejects.toThrow("too large");
  });
});

describe("brokers", () => {
  it.each([
    ["localhost", ["localhost:9092"]],
    ["127.0.0.1:19092,kafka-2:9093", ["127.0.0.1:19092", "kafka-2:9093"]],
    ["[::1]:9092", ["[::1]:9092"]],
  ])("%s", (text, brokers) => expect(parseBrokers(text)).toEqual(brokers));

  it.each(["", "http://x:1", "a:b", "x:99999"])("refuses %j", (text) => {
    expect(() => parseBrokers(text)).toThrowError(/not a valid broker address/);
  });
});
