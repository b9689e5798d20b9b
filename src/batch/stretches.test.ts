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
  const name = /symbol|pair|base/.test(header) ? "all.csv" : "BTCUSDT.csv";
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

/** Lines with another cell behind, by their candles. */
const behind = (all: readonly Candle[], cell: (candle: Candle) => string | number) =>
  all.map((candle) => `${line(candle)},${cell(candle)}`);
const iso = ({ i }: Candle) => new Date(T + i * 60_000).toISOString();
const all = candles(2000, 60_000);
const LATE = 1500;

it("a header that comes again is no row of another venue", async () => {
  const header = `${HEADER},exchange`;
  const lines = behind(all, () => "binance");
  expect(await read(lines.toSpliced(LATE, 0, header), {}, header)).toBe(2000);
});

describe("the proof of the volume behind a file's first rows", () => {
  const quote = (candle: Candle) => (candle.volume * candle.close).toPrecision(12);
  const base = ({ volume }: Candle) => volume.toPrecision(9);
  const swapped = ({ i, ...c }: Candle) =>
    line({ i, ...c }).replace(/[^,]+$/, `${quote({ i, ...c })},${base({ i, ...c })}`);
  const right = (candle: Candle) => `${line(candle)},${quote(candle)}`;

  it.each([
    ["the last quarter", (i: number) => i >= LATE],
    ["a part in the middle", (i: number) => i > 1200 && i < 1400],
    ["more than one row in a hundred", (i: number) => i % 40 === 7 && i > 1000],
  ])("volume_conflict: the columns are exchanged in %s", async (_, isSwapped) => {
    const lines = all.map((candle) => (isSwapped(candle.i) ? swapped : right)(candle));
    const header = `${HEADER},quote_volume`;
    expect(await read(lines, {}, header)).toMatchObject({ code: "volume_conflict" });
    expect(await read(lines, { volume: "volume" }, header)).toBe(2000);
  });

  it("volume_conflict: so in a file without a header", async () => {
    const kline = (candle: Candle) => {
      const cells = (candle.i < LATE ? right : swapped)(candle).split(",");
      return [...cells.slice(0, 6), T + candle.i * 60_000 + 59_999, cells[6], 9, 0, 0, 0].join(",");
    };
    const [first, ...rest] = all.map(kline);
    expect(await read(rest, {}, first)).toMatchObject({
      code: "volume_conflict",
      message: expect.stringMatching(/line 15\d\d: /),
    });
  });

  it("allows what rounding hides, and rows whose quote volume is another one", async () => {
    const odd = (candle: Candle) => (candle.i % 40 === 0 ? 1 : Number(quote(candle)).toFixed(0));
    expect(await read(behind(all, odd), {}, `${HEADER},quote_volume`)).toBe(2000);
  });

  it.each([
    ["contract_volume", "ETHUSD_PERP", () => "", `${HEADER},symbol`],
    [
      "volume_conflict",
      "ETHUSDT",
      (c: Candle) => `,${c.i < LATE ? quote(c) : c.volume / 60_000}`,
      `${HEADER},symbol,quote_volume`,
    ],
    [
      "volume_conflict",
      "ETHUSD_PERP",
      (c: Candle) => `,${c.i < LATE ? quote(c) : c.volume / 60_000}`,
      `${HEADER},symbol,quote_volume`,
    ],
  ])("%s: %s is another unit's, in a file of several symbols", async (code, symbol, more, header) => {
    const contracts = ({ i, ...c }: Candle) => ({
      i,
      ...c,
      volume: i < LATE ? c.volume : Math.ceil(c.volume * 100),
    });
    const lines = all.map((c) => `${line(contracts(c))},${c.i < LATE ? "BTCUSDT" : symbol}${more(c)}`);
    expect(await read(lines, {}, header)).toMatchObject({ code });
    expect(await read(lines.slice(0, LATE), {}, header)).toBe(LATE);
  });

  it("volume_conflict: the unit of the one column changes between two rows of a short file", async () => {
    const lines = all.slice(0, 20).map((c) => line(c.i < 10 ? c : inQuote(c)));
    expect(await read(lines)).toMatchObject({ code: "volume_conflict" });
  });

  it("conflicting_files: the same minutes in both currencies", async () => {
    const lines = all.slice(0, 40).flatMap((c) => [line(c), line(inQuote(c))]);
    expect(await read(lines)).toMatchObject({ code: "conflicting_files" });
  });
});

describe("columns behind a file's first rows", () => {
  it.each([
    ["conflicting_files", "exchange", "binance", "kraken"],
    ["conflicting_files", "market_type", "spot", "swap"],
    ["mixed_intervals", "interval", "1m", "5m"],
  ])("%s: another text in a column of %s", async (code, name, first, other) => {
    const lines = behind(all, ({ i }) =>
      i === 1999 ? other : i % 9 === 0 && name !== "interval" ? first.toUpperCase() : first,
    );
    expect(await read(lines, {}, `${HEADER},${name}`)).toMatchObject({
      code,
      message: expect.stringContaining("line 2001"),
    });
    expect(await read(lines.slice(0, 1999), {}, `${HEADER},${name}`)).toBe(1999);
  });

  it.each(["", "\uFEFF", "# ", ",", "<", "'", '"'])(
    "second_header: one that begins with %j",
    async (mark) => {
      const header = "open_time,close,high,low,open,volume";
      const quoted = mark === '"' ? header.replace("open_time", '"open_time"') : mark + header;
      const lines = [...all.slice(0, LATE).map(line), ...Array(120).fill(HEADER), quoted];
      expect(await read(lines)).toMatchObject({
        code: "second_header",
        message: expect.stringContaining(`line ${LATE + 122}`),
      });
      expect(await read(lines.slice(0, -1))).toBe(LATE);
    },
  );

  it("misread_columns: rows of another number of cells; a few torn lines are rejected", async () => {
    const torn = (share: number) =>
      all.map((c) => (c.i > LATE && c.i % share === 0 ? `${c.i},${line(c)}` : line(c)));
    expect(await read(torn(2))).toMatchObject({
      code: "misread_columns",
      message: expect.stringContaining(`line ${LATE + 4}`),
    });
    expect(await read(torn(2), { acceptRejects: true })).toBe(1751);
    expect(await read(torn(50))).toBe(1991);
  });

  it("misread_columns: what was taken for a count of trades is none", async () => {
    const [first, ...rest] = behind(all, ({ i }) => (i < LATE ? i % 7 : (i % 7) + 0.5));
    expect(await read(rest, {}, first)).toMatchObject({ code: "misread_columns" });
    const [start, ...few] = behind(all, ({ i }) => (i === 1700 ? "many" : i % 7));
    expect(await read(few, {}, start)).toBe(1999);
  });
});

describe("open and close", () => {
  const flat = candles(2000, 60_000).map((c) => {
    const still = c.i % 8 !== 0;
    const [open, close] = still ? [c.i - (c.i % 8) + 1, c.i - (c.i % 8) + 1] : [c.i - 7, c.i + 1];
    const at = (i: number) => 60_000 * (1 + Math.sin(i) / 900);
    return { ...c, open: at(open), close: at(close), high: at(open) + 200, low: at(open) - 200 };
  });
  const symbol = `${HEADER},symbol`;

  it.each<[string, string[], string]>([
    ["of a file with a symbol column", behind(all.map(exchanged), () => "BTCUSDT"), symbol],
    [
      "in a few rows of such a file",
      behind(
        all.slice(0, 40).map((c) => (c.i < 20 ? c : exchanged(c))),
        () => "BTCUSDT",
      ),
      symbol,
    ],
    ["where most minutes do not move", flat.map(exchanged).map(line), HEADER],
    ["in an hour", all.map((c) => line(c.i < LATE || c.i > LATE + 60 ? c : exchanged(c))), HEADER],
  ])("misread_columns: they are exchanged %s", async (_, lines, header) => {
    expect(await read(lines, {}, header)).toMatchObject({ code: "misread_columns" });
  });

  it("are read where most minutes do not move", async () => {
    expect(await read(flat.map(line))).toBe(2000);
  });
});

describe("times without a zone behind times that have one", () => {
  it.each<[string, (candle: Candle) => string]>([
    ["ISO 8601", iso],
    ["epoch numbers", ({ i }) => String(T + i * 60_000)],
    [
      "text",
      (c) =>
        iso(c)
          .replace(/-/g, "/")
          .replace(/T(.....).*/, " $1 UTC"),
    ],
  ])("no_time_zone: %s", async (_, zoned) => {
    const bare = (c: Candle) => iso(c).slice(0, 16).replace("T", " ");
    const slashes = (c: Candle) => (zoned(c).includes("/") ? bare(c).replace(/-/g, "/") : bare(c));
    const lines = all.map((c) => line(c).replace(/^\d+/, c.i < LATE ? zoned(c) : slashes(c)));
    expect(await read(lines)).toMatchObject({
      code: "no_time_zone",
      message: expect.stringContaining(`line ${LATE + 2}`),
    });
    expect(await read(lines, { zone: "UTC" })).toBe(2000);
    expect(await read([...lines.slice(0, LATE), lines[LATE]])).toBe(LATE);
  });
});
