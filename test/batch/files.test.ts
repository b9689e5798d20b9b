import { execFileSync, spawnSync } from "node:child_process";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clean } from "../../src/batch/clean.ts";
import { ingest } from "../../src/batch/ingest.ts";
import { readRawManifest } from "../../src/batch/rawManifest.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { readTable } from "../../src/lake/read.ts";
import { runBatch, tableRows, writeFiles } from "../../testkit/batch.ts";
import { PROJECT } from "../../testkit/candlebook.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

const T = Date.UTC(2024, 1, 29, 23, 58);
const HEADER = "open_time,open,high,low,close,volume";
/** The minute `i` after T, its time in some unit. */
const row = (i: number, time: string | number = T + i * 60_000) =>
  `${time},${10 + i},${12 + i},${9 + i},${11 + i},${i}.5`;
const rows = (count: number) => Array.from({ length: count }, (_, i) => row(i));
const plain = [HEADER, ...rows(4)].join("\n");

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

interface Reject {
  line: number;
  reason: string;
  raw: string;
}

/** One file through ingest and clean: the balance, the clean minutes after T, and the rejects. */
async function read(text: string | Uint8Array, name = "BTCUSDT.csv") {
  const paths = await writeFiles(workspace, [{ name, text }]);
  const ingested = await ingest(workspace, { files: paths.map((path) => ({ path })) });
  const { balance } = await clean(workspace);
  const clean_ = await tableRows<{ minute: number; open: number }>(
    workspace,
    "btc_clean",
    `((epoch_ms(open_time) - ${T}) / 60000)::DOUBLE AS minute, open`,
  );
  const rejects = await tableRows<Reject>(workspace, "rejects", "line::INTEGER AS line, reason, raw");
  return { ingested, balance, minutes: clean_, rejects };
}

const whole = (count: number) => Array.from({ length: count }, (_, i) => ({ minute: i, open: 10 + i }));

describe("files that are read rightly", () => {
  const lines = rows(4);
  it.each<[string, string | Uint8Array, string?]>([
    ["a plain file", plain],
    ["a byte-order mark", `\uFEFF${plain}`],
    ["CRLF", plain.replaceAll("\n", "\r\n")],
    ["CR alone", plain.replaceAll("\n", "\r")],
    ["mixed line ends", `${[HEADER, lines[0]].join("\r\n")}\r${lines.slice(1).join("\n")}`],
    ["no line end at the end", plain.trimEnd()],
    ["blank lines", plain.replaceAll("\n", "\n\n  \n")],
    ["semicolons", plain.replaceAll(",", ";")],
    ["tabs", plain.replaceAll(",", "\t")],
    ["bars", plain.replaceAll(",", "|")],
    ["quoted numbers", plain.replace(/[^,\n]+/g, '"$&"')],
    ["a note before the header", `# from somewhere\n${plain}`],
    ["no header", lines.join("\n")],
    ["descending order", [HEADER, ...lines.toReversed()].join("\n")],
    ["the same minutes twice", [HEADER, ...lines, ...lines].join("\n")],
    ["seconds", [HEADER, ...[0, 1, 2, 3].map((i) => row(i, T / 1000 + i * 60))].join("\n")],
    ["float seconds", [HEADER, ...[0, 1, 2, 3].map((i) => row(i, `${T / 1000 + i * 60}.0`))].join("\n")],
    ["microseconds", [HEADER, ...[0, 1, 2, 3].map((i) => row(i, (T + i * 60_000) * 1000))].join("\n")],
    ["exponents", [HEADER, `${T},1e1,1.2E1,9,11,5e-1`, ...lines.slice(1)].join("\n")],
    [
      "ISO times with zones",
      [
        HEADER,
        row(0, "2024-02-29T23:58:00Z"),
        row(1, "2024-03-01 06:59:00+07:00"),
        row(2, "2024-03-01 00:00:00 UTC"),
        row(3, "2024-02-29T19:01:00.000-0500"),
      ].join("\n"),
    ],
    [
      "units mixed in one file",
      [HEADER, row(0), row(1, T / 1000 + 60), row(2, (T + 120_000) * 1000), row(3)].join("\n"),
    ],
    ["Kaggle's Bitstamp names", plain.replace(HEADER, "Timestamp,Open,High,Low,Close,Volume_(BTC)")],
    [
      "CryptoDataDownload's names",
      [
        "https://www.CryptoDataDownload.com",
        "Unix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount",
      ]
        .concat(
          [0, 1, 2, 3].map((i) => {
            const [time, ...numbers] = row(i).split(",");
            return `${time},2024-02-29 23:5${i}:00,BTC/USDT,${numbers.join(",")},99.5,${i}`;
          }),
        )
        .join("\n"),
    ],
    [
      "Binance's 12 columns without header",
      [0, 1, 2, 3].map((i) => `${row(i)},${T + i * 60_000 + 59_999},99,${i},1,1,0`).join("\n"),
    ],
    ["gzip", gzipSync(plain), "BTCUSDT.csv.gz"],
    ["gzip by another name", gzipSync(plain)],
    ["zip", zipSync({ "BTCUSDT-1m-2024-02.csv": Buffer.from(plain) }), "BTCUSDT-1m-2024-02.zip"],
    ["a zip with a path in its entry", zipSync({ "../../BTCUSDT.csv": Buffer.from(plain) }), "x.zip"],
  ])("%s", async (_, text, name) => {
    const { balance, minutes, rejects } = await read(text, name);
    expect({ minutes, rejects }).toEqual({ minutes: whole(4), rejects: [] });
    expect(balance).toMatchObject({ kept: 4, rejected: 0, conflicts: 0 });
  });
});

describe("rows that are rejected, with line, reason and raw text", () => {
  it.each([
    ["wrong_columns", `${row(4)},9`],
    ["wrong_columns", row(4).split(",").slice(0, 4).join(",")],
    ["bad_time", row(4, "yesterday")],
    ["bad_time", row(4, "2024-03-01T00:02")],
    ["bad_time", row(4, 0)],
    ["bad_time", row(4, Date.UTC(2008, 11, 31))],
    ["bad_time", row(4, Date.UTC(2026, 0, 3))],
    ["bad_time", row(4, "2023-02-29T00:00:00Z")],
    ["off_grid", row(4, T + 1)],
    ["unreadable_number", row(4).replace(",14,", ',"1,234",')],
    ["unreadable_number", row(4).replace(",14,", ",NaN,")],
    ["unreadable_number", row(4).replace(",14,", ",inf,")],
    ["unreadable_number", row(4).replace(",14,", ",,")],
    ["unreadable_number", row(4).replace(",14,", ",1_4,")],
    ["unreadable_number", row(4).replace(",14,", ",fourteen,")],
    ["unreadable_number", row(4).replace(",14,", ",1e999,")],
    ["unreadable_number", row(4).replace(",14,", ",14\0,")],
    ["unreadable_number", row(4).replace(",14,", ",14\uFFFD,")],
    ["unreadable_number", row(4).replace(",14,", ",1 4,")],
    ["unreadable_number", row(4).replace(",14,", ",1'014,")],
    ["non_positive_price", row(4).replace(",14,", ",-14,")],
    ["non_positive_price", row(4).replace(",14,", ",0,")],
    ["negative_volume", row(4).replace(",4.5", ",-4.5")],
    ["high_low_inconsistent", row(4).replace(",16,13,", ",13,16,")],
    ["wrong_columns", '"=HYPERLINK(""http://example.org"")"'],
  ])("%s: %s", async (reason, bad) => {
    const text = [HEADER, row(0), row(1), "", bad, row(2), row(3)].join("\n");
    const { balance, minutes, rejects } = await read(text);
    expect(rejects).toEqual([{ line: 5, reason, raw: bad.replaceAll("\0", "\uFFFD") }]);
    expect(minutes).toEqual(whole(4));
    expect(balance).toEqual({ in: 5, kept: 4, duplicates: 0, conflicts: 0, rejected: 1 });
  });

  it("a stray quote harms no other line", async () => {
    const { minutes, rejects } = await read(
      [HEADER, row(0), `"${row(4)}`, row(1), row(2), row(3)].join("\n"),
    );
    expect(minutes).toEqual(whole(4));
    expect(rejects).toEqual([{ line: 3, reason: "bad_time", raw: `"${row(4)}` }]);
  });

  it("invalid UTF-8 becomes a mark in one line", async () => {
    const bad = Buffer.concat([
      Buffer.from(`${HEADER}\n${row(0)}\n`),
      Buffer.from([0xff, 0xfe, 0x2c, 0x0a]),
      Buffer.from(rows(4).slice(1).join("\n")),
    ]);
    const { minutes, rejects } = await read(bad);
    expect(minutes).toEqual(whole(4));
    expect(rejects).toEqual([{ line: 3, reason: "wrong_columns", raw: "\uFFFD\uFFFD," }]);
  });

  it("a line of 100 MB costs one row and little memory", async () => {
    const long = Buffer.alloc(100_000_000, "9");
    const text = Buffer.concat([
      Buffer.from(`${HEADER}\n${row(0)}\n`),
      long,
      Buffer.from(`\n${rows(4).slice(1).join("\n")}`),
    ]);
    const { minutes, rejects } = await read(text);
    expect(minutes).toEqual(whole(4));
    expect(rejects).toHaveLength(1);
    expect(rejects[0]).toMatchObject({ line: 3, reason: "wrong_columns" });
    expect(rejects[0].raw).toMatch(/^9{1024}… \(100000000 bytes\)$/);
  });

  it("conflicts: more trades wins, then the larger volume", async () => {
    const header = `${HEADER},trades`;
    const { balance } = await read(
      [
        header,
        `${row(0)},5`,
        `${T},10,12,9,10.5,99,4`,
        `${T},10,12,9,11,0.5,5`,
        `${row(1)},`,
        `${row(1)}1,`,
      ].join("\n"),
    );
    expect(balance).toEqual({ in: 5, kept: 2, duplicates: 3, conflicts: 2, rejected: 0 });
    expect(await tableRows(workspace, "btc_clean", "close, volume, trades::DOUBLE AS trades")).toEqual([
      { close: 11, volume: 0.5, trades: 5 },
      { close: 12, volume: 1.51, trades: null },
    ]);
  });

  it("two symbols in one file, and one that can't be one", async () => {
    const text = [
      `symbol,${HEADER}`,
      `BTCUSDT,${row(0)}`,
      `eth/usdt,${row(0)}`,
      `../etc,${row(1)}`,
      `BTC-USDT,${row(1)}`,
      `NUL,${row(1)}`,
    ].join("\n");
    const { rejects } = await read(text, "both.csv");
    expect(rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [4, "unknown_symbol"],
      [6, "unknown_symbol"],
    ]);
    expect(await tableRows(workspace, "eth_clean")).toHaveLength(1);
    expect(await tableRows(workspace, "btc_clean")).toHaveLength(2);
  });
});

describe("files that can't be read", () => {
  it.each<[string, string, string, string | Uint8Array]>([
    ["empty_file", "BTCUSDT.csv", "no line", ""],
    ["empty_file", "BTCUSDT.csv", "no line", "\n\n"],
    ["unknown_form", "BTCUSDT.csv", "a,b,c", "a,b,c\n1,2,3"],
    ["unknown_form", "BTCUSDT.csv", "1,2,3", "1,2,3\n4,5,6"],
    ["unknown_form", "BTCUSDT.json", "[[1723161600000", `[[1723161600000,"1","2","1","2","3"]]`],
    ["no_symbol", "prices.csv", HEADER, plain],
    ["not_utf8", "BTCUSDT.csv", "UTF-16", Buffer.from(`\uFEFF${plain}`, "utf16le")],
    ["broken_archive", "BTCUSDT.csv.gz", "ends early", gzipSync(plain).subarray(0, -12)],
    [
      "broken_archive",
      "BTCUSDT.zip",
      "ends early",
      zipSync({ "a.csv": Buffer.from(plain) }).subarray(0, -30),
    ],
    ["no_candles_in_zip", "BTCUSDT.zip", "readme.md", zipSync({ "readme.md": Buffer.from("hello") })],
  ])("%s: %s shows %s", async (code, name, shown, text) => {
    const [path] = await writeFiles(workspace, [{ name, text }]);
    const refused = ingest(workspace, { files: [{ path }] });
    await expect(refused).rejects.toMatchObject({ code, exit: 2, message: expect.stringContaining(shown) });
  });

  it.each(["BTC_USDT-1m.json", "BTC_USDT-1m.feather", "BTCUSDT.parquet", "BTCUSDT.xlsx"])(
    "%s is known for what it is, and what to do is said",
    async (name) => {
      const [path] = await writeFiles(workspace, [{ name, text: "ARROW1\0\0 columns and\nbytes" }]);
      await expect(ingest(workspace, { files: [{ path, symbol: "BTCUSDT" }] })).rejects.toMatchObject({
        code: "unknown_form",
        next: expect.stringMatching(/Freqtrade.*export CSV/),
      });
    },
  );

  it("a missing file, a folder, a pipe, a device, our own output and a link to it are refused before they are opened", async () => {
    const [good] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: plain }]);
    await runBatch(workspace, [good]);
    const own = join(workspace.root, "own");
    await mkdir(join(own, "nothing"));
    execFileSync("mkfifo", [join(own, "BTCUSDT.fifo")]);
    await symlink("/dev/zero", join(own, "BTCUSDT.device.csv"));
    await symlink(join(own, "BTCUSDT.loop.csv"), join(own, "BTCUSDT.loop.csv"));
    await writeFile(join(workspace.root, "data/parquet/BTCUSDT.csv"), plain);
    await symlink(join(workspace.root, "data/parquet/BTCUSDT.csv"), join(own, "BTCUSDT.link.csv"));
    for (const [path, code] of [
      ["own/missing.csv", "no_such_file"],
      ["own/nothing", "is_a_folder"],
      ["own/BTCUSDT.fifo", "not_a_file"],
      ["own/BTCUSDT.device.csv", "not_a_file"],
      ["own/BTCUSDT.loop.csv", "link_loop"],
      ["data/parquet/BTCUSDT.csv", "input_is_output"],
      ["own/BTCUSDT.link.csv", "input_is_output"],
    ]) {
      const other = await scratchWorkspace();
      const alone = ingest(code === "input_is_output" ? workspace : other, {
        files: [{ path: join(workspace.root, path) }],
      });
      await expect(alone).rejects.toMatchObject({ code, exit: 2 });
      await rm(other.root, { recursive: true });
    }
  });

  it("a file that may not be read is refused", async () => {
    const [secret] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: plain }]);
    await chmod(secret, 0);
    await chmod(workspace.root, 0o777);
    // Nothing is closed to the superuser: the work is then nobody's.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const words = [join(PROJECT, "testkit/batchProcess.ts"), workspace.root, secret];
    const { stderr } = spawnSync(process.execPath, words, { ...nobody, encoding: "utf8" });
    expect(stderr).toContain("code: 'unreadable_file'");
  });

  it("one bad file never loses the good ones, and the balance holds", async () => {
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT_a.csv", text: plain },
      { name: "BTCUSDT_b.csv.gz", text: gzipSync(plain).subarray(0, -12) },
      { name: "BTCUSDT_c.csv", text: "a,b\n1,2" },
      { name: "ETHUSDT.csv", text: plain },
    ]);
    const { ingested, cleaned } = await runBatch(workspace, [
      ...paths,
      join(workspace.root, "own/missing.csv"),
    ]);
    expect(ingested.files.map(({ name, problem }) => [name, problem?.code])).toEqual([
      ["BTCUSDT_a.csv", undefined],
      ["BTCUSDT_b.csv.gz", "broken_archive"],
      ["BTCUSDT_c.csv", "unknown_form"],
      ["ETHUSDT.csv", undefined],
      ["missing.csv", "no_such_file"],
    ]);
    expect(cleaned.balance).toEqual({ in: 8, kept: 8, duplicates: 0, conflicts: 0, rejected: 0 });
  });

  it("a file of nothing but rejects is refused, with its line, and nothing is published", async () => {
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: [HEADER, row(0, "never")].join("\n") },
    ]);
    await expect(ingest(workspace, { files: [{ path }] })).rejects.toMatchObject({
      code: "no_valid_rows",
      message: expect.stringMatching(/bad_time in 1, such as line 2: "never,.*Expected: a time from 2009/),
    });
    expect(await readTable(workspace, "rejects")).toBeNull();
    expect(await readRawManifest(workspace)).toBeNull();
  });
});
