import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFiles } from "../../testkit/batch.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Statement } from "../recognition/statement.ts";
import { ingest } from "./ingest.ts";

const T = Date.UTC(2024, 2, 1);
const HEADER = "open_time,open,high,low,close,volume";

interface Candle {
  i: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** Minutes of a market of some price, each opening where the one before closed. */
function candles(count: number, price: number): Candle[] {
  const at = (i: number) => price * (1 + Math.sin(i / 40) / 20 + Math.sin(i * 7.1) / 900);
  return Array.from({ length: count }, (_, i) => {
    const [open, close] = [at(i), at(i + 1)];
    const [high, low] = [Math.max(open, close) * 1.0003, Math.min(open, close) * 0.9997];
    return { i, open, high, low, close, volume: (1 + Math.sin(i / 60) ** 2 * 5) * (1 + (i % 7)) };
  });
}

const line = ({ i, open, high, low, close, volume }: Candle) =>
  [T + i * 60_000, ...[open, high, low, close, volume].map((value) => value.toPrecision(9))].join(",");

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

async function read(lines: readonly string[], stated: Statement = {}, header = HEADER) {
  const name = header === HEADER ? "BTCUSDT.csv" : "all.csv";
  const [path] = await writeFiles(workspace, [{ name, text: [header, ...lines].join("\n") }]);
  try {
    const { balance } = await ingest(workspace, { files: [{ path, stated }] });
    return balance.kept;
  } catch (error) {
    return error as { code: string; message: string };
  }
}

const exchanged = ({ open, close, ...candle }: Candle) => ({ ...candle, open: close, close: open });
const inQuote = ({ volume, ...candle }: Candle) => ({ ...candle, volume: volume * candle.close });
const scaled = (times: number) => (candle: Candle) => ({
  ...candle,
  open: candle.open * times,
  high: candle.high * times,
  low: candle.low * times,
  close: candle.close * times,
});

describe("a form that changes far behind a file's first rows", () => {
  it.each<[string, string, (candle: Candle) => Candle, Statement]>([
    ["open and close are exchanged", "misread_columns", exchanged, { acceptRejects: true }],
    ["volume is in the quote currency", "volume_conflict", inQuote, { volume: "volume" }],
    ["prices lost their decimal mark", "other_scale", scaled(100), { allowConflicts: true }],
  ])("%s: %s, from a row on, in the middle alone, and descending", async (_, code, change, settled) => {
    const all = candles(6000, 60_000);
    const late = all.map((candle) => line(candle.i < 4990 ? candle : change(candle)));
    const middle = all.map((candle) => line(candle.i < 3000 || candle.i > 4000 ? candle : change(candle)));
    for (const lines of [late, middle, late.toReversed()]) expect(await read(lines)).toMatchObject({ code });
    expect(await read(late)).toMatchObject({
      message: expect.stringMatching(/line \d{4}: "1709|2024-03-04T/),
    });
    expect(await read(late, settled)).toBe(6000);
  });

  it("ambiguous_date: a day before the month that is no month from the second day on", async () => {
    const day = (i: number) => `2024-${12 + Math.floor(i / 1440)}-03`;
    const clock = (i: number) => new Date(T + i * 60_000).toISOString().slice(11, 16);
    const lines = candles(2880, 60_000).map((c) => line(c).replace(/^\d+/, `${day(c.i)} ${clock(c.i)}`));
    expect(await read(lines, { zone: "UTC" })).toMatchObject({ code: "ambiguous_date" });
    expect(await read(lines, { zone: "UTC", dateOrder: "ydm" })).toBe(2880);
  });

  it.each([
    ["base,quote", "BTC,USDT", "ETH,USDT"],
    ["pair", "tBTCUSD", "tETHUSD"],
    ["symbol", "XXBTZUSD", "XETHZUSD"],
  ])("conflicting_files: another pair in the columns %s", async (names, pair, other) => {
    const lines = candles(3000, 60_000).map((c) => `${line(c)},${c.i < 2500 ? pair : other}`);
    const header = `${HEADER},${names}`;
    expect(await read(lines, {}, header)).toMatchObject({
      code: "conflicting_files",
      message: expect.stringContaining("line 2502"),
    });
    expect(await read(lines.slice(0, 2000), {}, header)).toBe(2000);
  });

  it("is found in a part of a large file", { timeout: 60_000 }, async () => {
    const all = candles(60_000, 60_000);
    for (const [code, change] of [
      ["misread_columns", exchanged],
      ["volume_conflict", inQuote],
      ["other_scale", scaled(0.1)],
    ] as const) {
      const lines = all.map((candle) => line(candle.i < 45_000 ? candle : change(candle)));
      expect(await read(lines)).toMatchObject({ code });
    }
  });

  it.each<[string, (candle: Candle) => Candle]>([
    [
      "volumes thirty times as large for an hour",
      (c) => (c.i % 2000 < 60 ? { ...c, volume: c.volume * 30 } : c),
    ],
    ["prices that fall fivefold within two days", (c) => scaled(Math.exp(-c.i / 1500))(c)],
    ["minutes that do not move", (c) => ({ ...c, high: c.open, low: c.open, close: c.open })],
    ["a minute of another scale", (c) => (c.i === 2500 ? scaled(100)(c) : c)],
    ["an hour without trades", (c) => (c.i % 400 < 64 ? { ...c, volume: 0 } : c)],
  ])("is not seen in %s", async (_, change) => {
    expect(await read(candles(6000, 60_000).map((candle) => line(change(candle))))).toBe(6000);
  });
});
