import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ingest } from "../src/batch/ingest.ts";
import { NO_AMOUNTS } from "../src/candle/candle.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { readTable } from "../src/lake/read.ts";
import type { Columns } from "../src/lake/write.ts";
import { closeGaps } from "../src/pipeline/closeGaps.ts";
import { run } from "../src/pipeline/run.ts";
import { SIMULATED_SEED, simulatedMarket } from "../src/pipeline/simulatedMarket.ts";
import { merge } from "../src/serving/merge.ts";
import { type KlineBook, minuteBook } from "../src/simulator/book.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import { madeUpMarket } from "../src/simulator/madeUpMarket.ts";
import { recordedBook } from "../src/simulator/recordedBook.ts";
import { backfill } from "../src/sources/backfill.ts";
import { addDays, type Day, startOfDay } from "../src/time/day.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../src/time/epoch.ts";
import { candleToKline, type Kline } from "../src/venues/binance/kline.ts";
import { at, exchangeAt, fill, market, rowsOf, takeIn, workspaceWith } from "../testkit/backfill.ts";
import type { Exchange } from "../testkit/simulator.ts";
import { putTable, scratchWorkspace } from "../testkit/tables.ts";

/** An exchange's days alone, made up without minutes: thousands of them are asked for. */
function dayBook(firstDays: Record<string, string>, before: string): KlineBook {
  return recordedBook(
    Object.entries(firstDays).map(([symbol, first]) => {
      const klines: Kline[] = [];
      for (let day = at(`${first}T00:00`); day < at(`${before}T00:00`); day = (day + DAY_MS) as EpochMs) {
        const prices = { open: 10, high: 14, low: 8, close: 9 + ((day / DAY_MS) % 3) };
        klines.push(
          candleToKline({ symbol, openTime: day, ...prices, volume: 3, trades: 5, ...NO_AMOUNTS }, DAY_MS),
        );
      }
      return { symbol, interval: "1d", klines };
    }),
  );
}

const asked = (exchange: Exchange) =>
  exchange.simulator.requests.filter(({ path }) => path.startsWith("/api/v3/klines")).length;

describe("backfill", () => {
  it("closes a hole inside days with minutes, whole days with daily candles, in few requests", async () => {
    const workspace = await workspaceWith("2025-06-10T12:00", {
      BTCUSDT: [
        ["2025-06-01T00:00", "2025-06-02T03:00"],
        ["2025-06-02T03:07", "2025-06-03T10:00"],
        ["2025-06-06T05:00", "2025-06-10T00:00"],
      ],
    });
    const exchange = await exchangeAt("2025-06-10T12:00");
    const first = await fill(workspace, exchange);
    expect(first.plan).toMatchObject({ minutes: 7 + 14 * 60 + 5 * 60, days: 2 });
    expect(first).toMatchObject({ minutes: 1147, days: 2 });
    // 3 pages of minutes, 1 of days, 1 of the time.
    expect(exchange.simulator.requests).toHaveLength(5);
    await takeIn(workspace);
    await merge(workspace);
    const days = await rowsOf<{ day: string; origin: string; minutes: number | null }>(
      workspace,
      "day::VARCHAR AS day, origin, minutes",
      "daily_filled",
    );
    expect(days.map(({ day, origin, minutes }) => `${day.slice(8)} ${origin} ${minutes}`)).toEqual([
      "01 batch 1440",
      "02 backfill 1440",
      "03 backfill 1440",
      "04 backfill null",
      "05 backfill null",
      "06 backfill 1440",
      "07 batch 1440",
      "08 batch 1440",
      "09 batch 1440",
    ]);
    const gaps = await rowsOf(workspace, `minutes, label`, "gaps");
    expect(gaps).toEqual([{ minutes: 2880, label: "missing_in_source" }]);
  });

  it("gives the same days as files without holes", async () => {
    const span: [string, string] = ["2025-06-01T00:00", "2025-06-05T00:00"];
    const whole = await workspaceWith("2025-06-05T12:00", { BTCUSDT: [span], ETHUSDT: [span] });
    const holed = await workspaceWith("2025-06-05T12:00", {
      BTCUSDT: [
        ["2025-06-01T00:00", "2025-06-01T17:01"],
        ["2025-06-03T20:00", "2025-06-04T05:00"],
      ],
      ETHUSDT: [["2025-06-02T22:22", "2025-06-05T00:00"]],
    });
    await fill(holed, await exchangeAt("2025-06-05T12:00"), { minutes: true, from: "2025-06-01" as Day });
    await takeIn(holed);
    const select = "symbol, day::VARCHAR AS day, open, high, low, close, volume, minutes, complete";
    expect(await rowsOf(holed, select, "daily_batch")).toEqual(await rowsOf(whole, select, "daily_batch"));
  });

  it("labels what nobody has, and never asks for it again unless told", async () => {
    const outage = { from: at("2025-06-02T10:00"), to: at("2025-06-02T12:00") };
    const market2 = madeUpMarket({ seed: 9, outages: [outage] });
    const span: [string, string] = ["2025-06-01T00:00", "2025-06-04T00:00"];
    const hole: [string, string][] = [
      ["2025-06-01T00:00", "2025-06-03T07:00"],
      ["2025-06-03T08:00", "2025-06-04T00:00"],
    ];
    const workspace = await workspaceWith("2025-06-04T01:00", { BTCUSDT: hole, ETHUSDT: [span] }, market2);
    const exchange = await exchangeAt("2025-06-04T01:00", { book: minuteBook(market2) });
    const first = await fill(workspace, exchange);
    expect(first.minutes).toBe(60);
    await takeIn(workspace);
    const gaps = await rowsOf<{ symbol: string; minutes: number; label: string; source: string }>(
      workspace,
      "symbol, minutes, label, source",
      "gaps",
    );
    expect(gaps.map(({ symbol, minutes, label }) => [symbol, minutes, label])).toEqual([
      ["BTCUSDT", 120, "exchange_outage"],
      ["ETHUSDT", 120, "exchange_outage"],
    ]);
    expect(gaps[0].source).toBe("BTCUSDT, ETHUSDT all lack it; the exchange was asked and has none");
    const before = exchange.simulator.requests.length;
    const again = await fill(workspace, exchange);
    expect(again.plan.requests).toEqual([]);
    expect(exchange.simulator.requests).toHaveLength(before);
    expect([again.daily?.skipped ?? true, again.labels?.skipped]).toEqual([true, true]);
    const retried = await fill(workspace, exchange, { retry: true });
    expect(retried.plan.minutes).toBe(240);
  });

  it("calls a hole between two sets of files no outage before the exchange was asked, one within a file may be", async () => {
    const workspace = await workspaceWith("2025-06-10T12:00", {
      BTCUSDT: [
        ["2025-06-01T00:00", "2025-06-01T10:00"],
        ["2025-06-01T11:00", "2025-06-02T00:00"],
      ],
    });
    // The same hole in a second symbol, and a stretch of days between the first files and the second.
    const folder = join(workspace.root, "mine");
    const lines = (symbol: string, list: [string, string][]) =>
      list
        .flatMap(([from, to]) => [...market.minutes(symbol, at(from), at(to))])
        .map(({ openTime, open, high, low, close, volume }) =>
          [openTime, open, high, low, close, volume].join(),
        );
    const put = (name: string, rows: string[]) =>
      writeFile(join(folder, name), `timestamp,open,high,low,close,volume\n${rows.join("\n")}\n`);
    const holed: [string, string][] = [
      ["2025-06-01T00:00", "2025-06-01T10:00"],
      ["2025-06-01T11:00", "2025-06-02T00:00"],
    ];
    await put("ETHUSDT.csv", lines("ETHUSDT", holed));
    for (const symbol of ["BTCUSDT", "ETHUSDT"]) {
      await put(`${symbol}_later.csv`, lines(symbol, [["2025-06-05T00:00", "2025-06-06T00:00"]]));
    }
    await ingest(workspace, { files: [{ path: folder }] });
    await takeIn(workspace);
    const { gaps } = await backfill(workspace, {
      restUrl: "http://127.0.0.1:1",
      offline: true,
      to: "2025-06-05" as Day,
    });
    expect(
      gaps.map(({ symbol, from, label }) => `${symbol} ${new Date(from).getUTCDate()} ${label}`),
    ).toEqual([
      "BTCUSDT 1 exchange_outage",
      "BTCUSDT 2 unexplained",
      "ETHUSDT 1 exchange_outage",
      "ETHUSDT 2 unexplained",
    ]);
  });

  it("plans without asking", async () => {
    const workspace = await workspaceWith("2025-06-10T12:00", {
      BTCUSDT: [["2025-06-01T00:00", "2025-06-02T00:00"]],
    });
    const exchange = await exchangeAt("2025-06-10T12:00");
    const { plan, requests } = await fill(workspace, exchange, { dryRun: true, from: "2025-05-01" as Day });
    expect(plan).toMatchObject({ days: 31 + 8, minutes: 0, weight: 2 });
    expect([requests, exchange.simulator.requests.length]).toEqual([0, 0]);
  });

  it("lists to the last candle what did not come, and forgets the list when it came", async () => {
    const workspace = await workspaceWith("2025-06-10T12:00", {
      BTCUSDT: [
        ["2025-06-01T00:00", "2025-06-01T10:00"],
        ["2025-06-01T10:07", "2025-06-01T20:00"],
        ["2025-06-01T20:09", "2025-06-03T00:00"],
        ["2025-06-05T00:00", "2025-06-10T00:00"],
      ],
      ETHUSDT: [["2025-06-01T00:00", "2025-06-09T00:00"]],
    });
    const faults: FaultRule[] = [
      { on: "rest", path: "/klines", skip: 1, times: 5, fault: { kind: "reset" } },
    ];
    const exchange = await exchangeAt("2025-06-10T12:00", { faults });
    const list = join(workspace.root, "data", "missing_rest.csv");
    await expect(fill(workspace, exchange)).rejects.toMatchObject({
      code: "exchange_unreachable",
      exit: 3,
      message: expect.stringContaining(
        "0 files of candles and 2 days were received and are kept. Still missing: 16 candles of BTCUSDT 1m " +
          "(2025-06-01 – 2025-06-01), 1 candles of ETHUSDT 1d (2025-06-09 – 2025-06-09); listed in " +
          "data/missing_rest.csv.",
      ),
    });
    expect(await readFile(list, "utf8")).toBe(
      "symbol,interval,from,to,candles\n" +
        "BTCUSDT,1m,2025-06-01T10:00:00.000Z,2025-06-01T10:07:00.000Z,7\n" +
        "BTCUSDT,1m,2025-06-01T20:00:00.000Z,2025-06-01T20:09:00.000Z,9\n" +
        "ETHUSDT,1d,2025-06-09T00:00:00.000Z,2025-06-10T00:00:00.000Z,1\n",
    );
    expect(await fill(workspace, exchange)).toMatchObject({ minutes: 16, days: 1 });
    await expect(readFile(list)).rejects.toThrow();
  });

  it("extends a short file backwards, to the day of the listing", async () => {
    const workspace = await workspaceWith("2025-06-02T12:00", {
      BTCUSDT: [["2025-06-01T00:00", "2025-06-02T00:00"]],
    });
    const exchange = await exchangeAt("2025-06-02T12:00", {
      book: dayBook({ BTCUSDT: "2017-08-17" }, "2025-06-02"),
    });
    const { days } = await fill(workspace, exchange, { from: "2017-01-01" as Day });
    expect(days).toBe((startOfDay("2025-06-01" as Day) - startOfDay("2017-08-17" as Day)) / DAY_MS);
    await takeIn(workspace);
    const [head] = await rowsOf<{ minutes: number; label: string }>(workspace, "minutes, label", "gaps");
    expect(head).toEqual({
      label: "before_listing",
      minutes: (startOfDay("2017-08-17" as Day) - startOfDay("2017-01-01" as Day)) / MINUTE_MS,
    });
  });

  it("is the old system's own case: 80 days, 5,097 + 3,042 rows, at most 12 requests", async () => {
    const firstDay = (symbol: string) => (symbol === "BTCUSDT" ? "2012-01-01" : "2017-08-17") as Day;
    const long = madeUpMarket({ seed: 9, firstDay });
    const ends = (first: string): [string, string][] => [
      [`${first}T00:00`, `${addDays(first as Day, 1)}T00:00`],
      ["2025-09-25T00:00", "2025-09-26T00:00"],
    ];
    const workspace = await workspaceWith(
      "2025-12-15T12:00",
      { BTCUSDT: ends("2012-01-01"), ETHUSDT: ends("2017-08-17") },
      long,
    );
    const exchange = await exchangeAt("2025-12-15T12:00", {
      book: dayBook({ BTCUSDT: "2012-01-01", ETHUSDT: "2017-08-17" }, "2025-12-15"),
    });
    const first = await fill(workspace, exchange, { to: "2025-09-25" as Day });
    const before = asked(exchange);
    const second = await fill(workspace, exchange, { to: "2025-12-14" as Day });
    expect(second).toMatchObject({ days: 160, minutes: 0 });
    expect(asked(exchange) - before).toBe(2);
    expect(before).toBeLessThanOrEqual(12);
    expect(first.minutes).toBe(0);
    await takeIn(workspace);
    const { served } = await merge(workspace);
    expect(served.manifest.rows).toBe(5097 + 3042);
    const filled = await rowsOf<{ n: number }>(
      workspace,
      "count(*) FILTER (origin = 'filled')::INTEGER AS n",
      "daily_filled",
    );
    expect(filled).toEqual([{ n: 0 }]);
  });

  it("goes on without a symbol that the exchange does not list, unless it was named", async () => {
    const stretches: [string, string][] = [
      ["2025-06-01T00:00", "2025-06-01T10:00"],
      ["2025-06-01T10:07", "2025-06-02T00:00"],
    ];
    const own = madeUpMarket({ seed: 9, symbols: ["AAAUSDT", "BTCUSDT"] });
    const workspace = await workspaceWith(
      "2025-06-02T12:00",
      { AAAUSDT: stretches, BTCUSDT: stretches },
      own,
    );
    const exchange = await exchangeAt("2025-06-02T12:00");
    const { minutes, unlisted } = await fill(workspace, exchange);
    expect({ minutes, unlisted: unlisted.map(({ symbol }) => symbol) }).toEqual({
      minutes: 7,
      unlisted: ["AAAUSDT"],
    });
    const { restUrl } = exchange.simulator;
    const done = await run(workspace, {
      files: [{ path: join(workspace.root, "mine") }],
      restUrl,
      until: "backfill",
    });
    expect(done.remarks).toEqual(["The exchange does not list AAAUSDT: the gaps remain."]);
    const journal = await readFile(join(workspace.root, "data", "raw", "backfill.jsonl"), "utf8");
    expect(journal).not.toContain("AAAUSDT");
    await expect(fill(workspace, exchange, { symbols: ["AAAUSDT"] })).rejects.toMatchObject({
      code: "no_such_symbol",
      exit: 2,
    });
  });

  it("requests nothing of a perpetual or a delivery contract, and leaves its gaps unexplained", async () => {
    const workspace = await scratchWorkspace("2025-06-04T12:00Z");
    onTestFinished(() => rm(workspace.root, { recursive: true, force: true }));
    const symbol = "BTCUSD_PERP";
    const facts = { symbol, first: at("2025-06-01T00:00"), last: at("2025-06-03T23:59") };
    await putTable(workspace, "btcusd_perp_clean", [], { facts });
    const columns: Columns = { symbol: "VARCHAR", start: "DATE", end: "DATE" };
    const gap = { symbol, start: "2025-06-02", end: "2025-06-03" };
    await putTable(workspace, "gaps", [gap], { columns });
    const exchange = await exchangeAt("2025-06-04T12:00");
    const { plan, requests, gaps } = await fill(workspace, exchange);
    expect({ planned: plan.requests, requests }).toEqual({ planned: [], requests: 0 });
    expect(gaps).toMatchObject([{ symbol, label: "unexplained" }]);
  });

  it("takes no candle of a simulated exchange into a workspace with real ones", async () => {
    const workspace = await workspaceWith("2025-06-10T12:00", {
      BTCUSDT: [["2025-06-01T00:00", "2025-06-02T00:00"]],
    });
    const exchange = await exchangeAt("2025-06-10T12:00", { madeUp: true, seed: 9 });
    await expect(fill(workspace, exchange)).rejects.toMatchObject({
      code: "mixed_markets",
      exit: 2,
      message: expect.stringContaining(
        "serves the simulated market of seed 9; this workspace holds the real market",
      ),
    });
    expect(await readTable(workspace, "daily_backfill")).toBeNull();
    expect(asked(exchange)).toBe(0);
  });

  it("takes a simulated workspace's holes from its own exchange", async () => {
    const { root } = await scratchWorkspace();
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const files = await simulatedMarket(await openWorkspace({ root }), SIMULATED_SEED);
    const workspace = await openWorkspace({ root });
    await ingest(workspace, { files, source: "simulated" });
    await takeIn(workspace);
    const first = await closeGaps(workspace, {});
    // The gap of three hours, and the minutes of the invalid rows: eight in each of six files.
    expect(first).toMatchObject({ minutes: 180 + 48, days: 2, skipped: false });
    const gaps = await rowsOf(workspace, "symbol, minutes, label", "gaps");
    expect(gaps).toEqual([
      { symbol: "BTCUSDT", minutes: 120, label: "exchange_outage" },
      { symbol: "ETHUSDT", minutes: 2880, label: "missing_in_source" },
      { symbol: "ETHUSDT", minutes: 120, label: "exchange_outage" },
      { symbol: "ETHUSDT", minutes: 25, label: "unexplained" },
    ]);
    const days = await readTable(workspace, "daily_backfill");
    expect(days?.manifest.rows).toBe(2 * 1461 + 2);
  });
});
