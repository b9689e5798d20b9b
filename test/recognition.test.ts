import { existsSync } from "node:fs";
import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingest } from "../src/batch/ingest.ts";
import { readRawManifest } from "../src/batch/rawManifest.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { tableRows, writeFiles } from "../testkit/batch.ts";
import { commandLine } from "../testkit/commandLine.ts";
import { noRecordedData, recorded } from "../testkit/data.ts";
import { HEADER, T } from "../testkit/recognize.ts";
import { scratchWorkspace } from "../testkit/tables.ts";
import { csvText, waveRows } from "../testkit/waveRows.ts";
import { packZip } from "../testkit/zips.ts";

const CASES = recorded("..", "cases");

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

async function inspect(...words: string[]) {
  const { out, exit } = await commandLine(
    "inspect",
    ...words,
    "--json",
    "--quiet",
    "--workspace",
    workspace.root,
  );
  return { files: JSON.parse(out).files, exit };
}

const hint = noRecordedData === null && existsSync(CASES) ? null : "the small misread files are not here";

describe.skipIf(hint !== null)(`files that were misread ${hint ?? ""}`, () => {
  it.each([
    ["01-mixed-explicit/all.csv", "BTCUSDT", 6, 22.5],
    ["05-coin-margined/BTCUSD_PERP-1m-2024-03-01.csv", null, 6, 22.5],
    ["07-volume-names/BTCEUR-v0.csv", null, 6, 22.5],
    ["07-volume-names/BTCEUR-v1.csv", null, 6, 22.5],
    ["07-volume-names/BTCEUR-v2.csv", null, 6, 22.5],
    ["11-kaggle-name/bitstampUSD_1-min_data_2012-01-01_to_2021-03-31.csv", null, 6, 22.5],
    ["12-trades-nan/BTCUSDT-nan.csv", null, 6, 22.5],
    ["15-macos-zip/BTCUSDT.zip", null, 6, 22.5],
    ["16-hole-scored/BTCUSDT-gap.csv", null, 500, 750],
    ["18-huobi/BTCUSDT-huobi.csv", null, 6, 22.5],
  ])("%s is read rightly, as inspect says before", async (name, symbol, candles, volume) => {
    const path = join(CASES, name);
    const word = symbol === null ? path : `${symbol}=${path}`;
    const { files, exit } = await inspect(word);
    expect(exit).toBe(0);
    const { out } = await commandLine("ingest", word, "--json", "--quiet", "--workspace", workspace.root);
    const [file] = JSON.parse(out).files;
    expect(file).toMatchObject({
      symbols: files[0].symbols,
      rows: files[0].rows,
      evidence: files[0].evidence,
    });
    const asset = symbol === null && file.symbols[0] !== "BTCUSDT" ? file.symbols[0].toLowerCase() : "btc";
    const minutes = await tableRows<object>(
      workspace,
      `${asset}_minutes`,
      `epoch_ms(open_time)::DOUBLE AS "openTime", symbol, open, high, low, close, volume, quote_volume AS "quoteVolume",
        trades::DOUBLE AS trades, taker_base AS "takerBase", taker_quote AS "takerQuote"`,
    );
    expect(minutes).toHaveLength(candles);
    expect(minutes.slice(0, 3)).toEqual(files[0].candles);
    const sum = minutes.reduce((total, minute) => total + (minute as { volume: number }).volume, 0);
    expect(sum).toBeCloseTo(volume, 9);
  });

  it.each([
    ["04-excel-scientific/BTCUSDT-excel.csv", "no_valid_rows"],
    ["04-excel-scientific/BTCUSDT-excel2.csv", "no_valid_rows"],
    ["13-zone-less/BTCUSDT-pandas.csv", "no_time_zone"],
  ])("%s is refused: %s, and the workspace stays empty", async (name, code) => {
    const path = join(CASES, name);
    const { files, exit } = await inspect(path);
    expect({ code: files[0].problem.code, exit }).toEqual({ code, exit: 2 });
    const { out } = await commandLine("ingest", path, "--json", "--workspace", workspace.root);
    expect(JSON.parse(out).error).toEqual(files[0].problem);
    expect(files[0].problem.message).toMatch(/line \d+|of \d+ steps|\(line/);
    expect(await readRawManifest(workspace)).toBeNull();
    expect(await stat(join(workspace.root, "data", "market.json")).catch(() => null)).toBeNull();
  });

  it.each([
    ["02-one-second/BTCUSDT-1s-2024-03-01.csv", "1s"],
    ["03-one-hour/BTCUSDT-1h-2024-03-01.csv", "1h"],
  ])("%s is read as %s", async (name, interval) => {
    const { files } = await inspect(join(CASES, name));
    expect(files[0]).toMatchObject({ problem: null, interval });
  });

  it("hours and days of the exchange's archive are read as what they are", async () => {
    const paths = [recorded("archive_1h", "BTCUSDT-1h-2024-12.csv"), recorded("daily", "BTCUSDT_1d.csv")];
    const { files } = await inspect(...paths);
    expect(files.map(({ interval }: { interval: string }) => interval)).toEqual(["1h", "1d"]);
  });
});

describe("what a person states of a file", () => {
  it("is kept with the file, so that the next run reads it as before", async () => {
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: csvText(waveRows({ zoneless: true })) },
    ]);
    await ingest(workspace, { files: [{ path, stated: { zone: "+07:00" } }] });
    expect((await readRawManifest(workspace))?.files[0].stated).toEqual({ zone: "+07:00" });
    const again = await ingest(workspace, { files: [], rebuild: true });
    expect(again.balance).toMatchObject({ in: 60, kept: 60 });
    expect(again.files[0].firstOpenTime).toBe(new Date(T - 7 * 3_600_000).toISOString());
  });

  it("can be given for a folder in candles.json, for some of its files, and is outweighed by an option", async () => {
    const [first] = await writeFiles(workspace, [
      { name: "a.csv", text: csvText(waveRows({ zoneless: true })) },
      { name: "b.csv", text: csvText(waveRows({ from: 60, zoneless: true })) },
    ]);
    const folder = join(first, "..");
    const statement = {
      zone: "UTC",
      files: { "a*.csv": { symbol: "ETHUSDT", zone: "+01:00" }, "b.csv": { symbol: "BTCUSDT" } },
    };
    await writeFile(join(folder, "candles.json"), JSON.stringify(statement));
    const { files } = await ingest(workspace, { files: [{ path: folder }] });
    expect(files.map(({ symbols, firstOpenTime }) => [symbols.join(), firstOpenTime])).toEqual([
      ["ETHUSDT", new Date(T - 3_600_000).toISOString()],
      ["BTCUSDT", new Date(T + 3_600_000).toISOString()],
    ]);
    const stated = await ingest(workspace, { files: [{ path: folder, stated: { zone: "+02:00" } }] });
    expect(stated.files[1].firstOpenTime).toBe(new Date(T - 3_600_000).toISOString());
    await writeFile(join(folder, "candles.json"), '{ "zon": "UTC" }');
    await expect(ingest(workspace, { files: [{ path: folder }] })).rejects.toMatchObject({
      code: "bad_folder_file",
      exit: 2,
      message: expect.stringMatching(/own.candles\.json: .*"zon"/),
    });
    await writeFile(join(folder, "candles.json"), '{ "files": { "a*": { "zone": "Mars" } } }');
    await expect(ingest(workspace, { files: [{ path: folder }] })).rejects.toMatchObject({
      message: expect.stringMatching(/candles\.json: files\.a\*\.zone is "Mars": expected UTC/),
    });
  });

  it("has its value repeated where it is wrong, and intervals may be spelled as they usually are", async () => {
    const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: csvText(waveRows()) }]);
    const words = (...more: string[]) => ["ingest", path, "--json", "--workspace", workspace.root, ...more];
    const wrong = async (...more: string[]) =>
      JSON.parse((await commandLine(...words(...more))).out).error.message;
    expect(await wrong("--zone", "Mars")).toMatch(/^--zone is "Mars": expected UTC/);
    expect(await wrong("--interval", "7m")).toMatch(/^--interval is "7m": expected one of 1s, 1m/);
    expect(await wrong("--interval", "60min")).toContain("--interval states candles of 1h");
    expect((await commandLine(...words("--interval", "1min"))).exit).toBe(0);
  });

  it("ends with exit 2 where one of several files is refused; a file of a header alone is named", async () => {
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: csvText(waveRows()) },
      { name: "ETHUSDT.csv", text: "a,b\n1,2" },
      { name: "XRPUSDT.csv", text: HEADER },
    ]);
    const said = async (...files: string[]) =>
      commandLine("ingest", ...files, "--json", "--quiet", "--workspace", workspace.root);
    const alone = await said(paths[2]);
    expect(alone.exit).toBe(2);
    expect(JSON.parse(alone.out).error.message).toContain("own/XRPUSDT.csv: none of the 0 rows");
    const both = await said(paths[0], paths[1]);
    expect([both.exit, JSON.parse(both.out).balance.kept]).toEqual([2, 60]);
    expect((await said(paths[0], paths[2])).exit).toBe(0);
  });

  it("is used at once where candles.json changes, and an option without files is refused", async () => {
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: csvText(waveRows({ zoneless: true })) },
    ]);
    const place = join(path, "..", "candles.json");
    await writeFile(place, '{ "zone": "+01:00" }');
    const first = async () =>
      (await tableRows<{ ms: number }>(workspace, "btc_minutes", "epoch_ms(open_time)::DOUBLE AS ms"))[0].ms;
    await ingest(workspace, { files: [{ path }] });
    expect(await first()).toBe(T - 3_600_000);
    await writeFile(place, '{ "zone": "UTC" }');
    await ingest(workspace, { files: [] });
    expect(await first()).toBe(T);
    const { exit, err } = await commandLine("ingest", "--zone", "UTC", "--workspace", workspace.root);
    expect({ exit, err }).toEqual({ exit: 2, err: expect.stringContaining("Name the files again") });
  });

  it("is refused where it is no answer", async () => {
    for (const [option, value] of [
      ["--zone", "Europe/Berlin"],
      ["--zone", "nowhere"],
      ["--zone", "+25:00"],
      ["--interval", "7m"],
      ["--decimal", ";"],
    ]) {
      const { exit, err } = await commandLine(
        "inspect",
        "x.csv",
        option,
        value,
        "--workspace",
        workspace.root,
      );
      expect({ option, value, exit }).toEqual({ option, value, exit: 2 });
      expect(err).not.toMatch(/\n\s+at /);
    }
  });
});

describe("plain pairs of futures", () => {
  const column = [`${HEADER},symbol`, ...waveRows().map((line) => `${line}25,BTCUSDT`)].join("\n");
  const tables = async (path: string, symbol?: string) => {
    const { files, tables } = await ingest(workspace, { files: [{ path, symbol }] });
    return [files[0].rows, tables.map(({ manifest }) => manifest.table)];
  };
  const all = [{ in: 60, valid: 60, rejected: 0 }, ["btcusdt_perp_minutes"]];

  it("in a column are perpetuals where a folder, an archive's too, or SYMBOL=PATH states it", async () => {
    const inFolder = join(workspace.root, "futures", "um", "BTCUSDT-1m.csv");
    await mkdir(join(inFolder, ".."), { recursive: true });
    await writeFile(inFolder, column);
    expect(await tables(inFolder)).toEqual(all);
    const zip = packZip([{ name: "futures/um/all.csv", text: column }]);
    const [packed, bare] = await writeFiles(workspace, [
      { name: "all.zip", text: zip },
      { name: "all.csv", text: column },
    ]);
    expect(await tables(packed)).toEqual(all);
    expect(await tables(bare, "BTCUSDT_PERP")).toEqual(all);
  });

  it("in an archive's folder of mark prices are refused", async () => {
    const zip = packZip([{ name: "um/markPriceKlines/BTCUSDT-1m.csv", text: csvText(waveRows()) }]);
    const [path] = await writeFiles(workspace, [{ name: "d.zip", text: zip }]);
    await expect(tables(path)).rejects.toMatchObject({ code: "no_symbol" });
  });
});

describe("a form that was misread", () => {
  const crossed = (line: string) => line.replace(/^(\d+),([^,]+),([^,]+),([^,]+)/, "$1,$2,$4,$3");

  it("is refused when more than 1 % of its rows break the order of prices; --accept-rejects takes the others", async () => {
    const lines = waveRows({ count: 3000 }).map((line, i) => (i > 2900 ? crossed(line) : line));
    const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: csvText(lines) }]);
    await expect(ingest(workspace, { files: [{ path }] })).rejects.toMatchObject({
      code: "misread_columns",
      message: expect.stringMatching(/BTCUSDT\.csv, line 2903: "/),
      next: expect.stringContaining("--accept-rejects"),
    });
    const accepted = await ingest(workspace, { files: [{ path, stated: { acceptRejects: true } }] });
    expect(accepted.balance).toMatchObject({ in: 3000, rejected: 99 });
  });

  it("is not one of a few broken rows, nor of minutes without numbers", async () => {
    const lines = waveRows({ count: 300 }).map((line, i) =>
      i % 3 === 0 ? line.replace(/,.*/, ",NaN,NaN,NaN,NaN,NaN") : i === 7 ? crossed(line) : line,
    );
    const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: csvText(lines) }]);
    const { files } = await ingest(workspace, { files: [{ path }] });
    expect(files[0].reasons).toEqual({ unreadable_number: 100, high_low_inconsistent: 1 });
  });

  it("by a second header with other columns is refused, by the same header again it is not", async () => {
    const more = waveRows({ from: 60 });
    const [a, b] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: [csvText(waveRows()), HEADER, ...more].join("\n") },
      {
        name: "ETHUSDT.csv",
        text: [csvText(waveRows()), "open_time,open,low,high,close,volume", ...more.map(crossed)].join("\n"),
      },
    ]);
    const { files } = await ingest(workspace, { files: [{ path: a }, { path: b }] });
    expect(files.map(({ rows, problem }) => problem?.code ?? rows)).toEqual([
      { in: 121, valid: 120, rejected: 1 },
      "second_header",
    ]);
  });

  it("by hours behind a hundred thousand minutes is found", async () => {
    const hours = Array.from({ length: 30 }, (_, i) => {
      const [first] = waveRows({ from: 100_020 + 60 * i, count: 1 });
      return first;
    });
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: csvText([...waveRows({ count: 100_000 }), ...hours]) },
    ]);
    await expect(ingest(workspace, { files: [{ path }] })).rejects.toMatchObject({ code: "mixed_intervals" });
  });
});

describe("an older workspace", () => {
  it("is read: what its manifest does not state is stated by nobody", async () => {
    const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: csvText(waveRows()) }]);
    await ingest(workspace, { files: [{ path }] });
    const place = join(workspace.root, "data", "raw", "manifest.json");
    const manifest = JSON.parse(await readFile(place, "utf8"));
    for (const entry of manifest.files) {
      for (const key of ["stated", "reading"]) delete entry[key];
      for (const key of ["evidence", "passedOver"]) delete entry.facts[key];
      for (const span of Object.values(entry.facts.symbols) as { low?: number; high?: number }[]) {
        delete span.low;
        delete span.high;
      }
      entry.readerVersion = 1;
    }
    await writeFile(place, JSON.stringify(manifest));
    const { balance } = await ingest(workspace, { files: [] });
    expect(balance).toMatchObject({ in: 60, kept: 60 });
  });
});
