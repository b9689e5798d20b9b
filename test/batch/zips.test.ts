import { appendFile, mkdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { importFile } from "../../src/batch/importFile.ts";
import { ingest } from "../../src/batch/ingest.ts";
import type { Workspace } from "../../src/core/workspace.ts";
import { withLakePool } from "../../src/lake/pool.ts";
import { tableRows, writeFiles } from "../../testkit/batch.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { type EntryToPack, packZip } from "../../testkit/zips.ts";

const T = Date.UTC(2024, 1, 29);
/** A text of so many minutes, from the minute `first` on. */
const minutes = (count: number, first = 0) =>
  [
    "open_time,open,high,low,close,volume",
    ...Array.from({ length: count }, (_, i) => `${T + (first + i) * 60_000},10,12,9,11,${i}.5`),
  ].join("\n");

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

const candles = (name: string, count = 2, first = 0): EntryToPack => ({ name, text: minutes(count, first) });

describe("zips", () => {
  const read = async (entries: readonly EntryToPack[]) => {
    const paths = await writeFiles(workspace, [{ name: "BTCUSDT.zip", text: packZip(entries) }]);
    const { files } = await ingest(workspace, { files: paths.map((path) => ({ path })) });
    return files[0];
  };

  it("made by Finder: what macOS adds is passed over", async () => {
    const file = await read([
      candles("BTCUSDT.csv"),
      { name: "__MACOSX/", text: "" },
      { name: "__MACOSX/._BTCUSDT.csv", text: "Mac OS X\0\0\x02" },
    ]);
    expect(file).toMatchObject({
      rows: { in: 2, valid: 2, rejected: 0 },
      passedOver: ["__MACOSX/._BTCUSDT.csv: hidden"],
    });
  });

  it("what is no text of candles is passed over and named, and never read", async () => {
    const file = await read([
      { name: "data/", text: "" },
      candles("data/a.csv"),
      candles("data/b.txt", 2, 2),
      { name: "empty/", text: "" },
      { name: "README.txt", text: "Prices of 2024, in USDT.\n" },
      { name: "nothing.csv", text: "" },
      { name: "header.csv", text: "open_time,open,high,low,close,volume\n" },
      { name: "info.json", text: "{}" },
      { name: "chart.png", text: "\x89PNG" },
      { name: "secret.pdf", text: "?", flags: 1 },
      { name: ".DS_Store", text: "" },
      { name: "inner.zip", text: packZip([candles("c.csv")]) },
    ]);
    expect(file).toMatchObject({
      rows: { in: 4, valid: 4, rejected: 0 },
      passedOver: [
        "empty/: a folder",
        "info.json: no name of a file of candles",
        "chart.png: no name of a file of candles",
        "secret.pdf: no name of a file of candles",
        ".DS_Store: hidden",
        "inner.zip: a zip in a zip",
        "README.txt: no row of numbers",
        "nothing.csv: no row of numbers",
        "header.csv: no row of numbers",
      ],
    });
  });

  it.each<[string, EntryToPack[], string]>([
    ["unknown_form", [candles("a.csv"), { name: "b.csv", text: "date,price\n2024-01-01,5" }], "date,price"],
    ["unknown_form", [{ name: "a.csv", text: "no candles" }], "no candles"],
    ["no_candles_in_zip", [{ name: "a.txt", text: "no candles" }], "a.txt: no row of numbers"],
    ["broken_archive", [candles("a.csv"), { name: "b.txt", text: "words", size: 6 }], "checksum"],
    [
      "not_utf8",
      [candles("a.csv"), { name: "b.csv", text: Buffer.from(`\uFEFF${minutes(2)}`, "utf16le") }],
      "UTF-16",
    ],
    [
      "no_candles_in_zip",
      [
        { name: "a.md", text: "" },
        { name: "c.zip", text: "" },
      ],
      "a.md: no name of a file of candles; c.zip: a zip",
    ],
    [
      "no_candles_in_zip",
      [
        { name: "a.txt", text: "x" },
        { name: "b.txt", text: "y" },
      ],
      "a.txt: no row of numbers; b.txt",
    ],
    ["no_candles_in_zip", [], "it is empty"],
    ["unread_zip", [candles("a.csv"), { ...candles("b.csv"), flags: 1 }], "BTCUSDT.zip/b.csv is encrypted"],
  ])("%s, with nothing published", async (code, entries, shown) => {
    await expect(read(entries)).rejects.toMatchObject({
      code,
      exit: 2,
      message: expect.stringContaining(shown),
    });
  });

  it("rejects name the entry, its signs escaped", async () => {
    const rows = (name: string): EntryToPack => ({ name, text: `${minutes(1)}\nnever,1,2,1,2,3` });
    await read([rows("../a\n.csv"), rows("b.csv")]);
    const rejects = await tableRows<{ file: string }>(workspace, "rejects", "file");
    expect(rejects.map(({ file }) => file).sort()).toEqual([
      "BTCUSDT.zip/../a\\u{a}.csv",
      "BTCUSDT.zip/b.csv",
    ]);
  });
});

describe("a folder", () => {
  it("passes over what is no candles and names it; bad files lose none of the good ones", async () => {
    const text = minutes(2);
    // Its end record is said to lie beyond any file.
    const far = packZip([candles("a.csv")], { zip64: true });
    await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text },
      { name: "README.txt", text: "Prices of 2024, in USDT.\n" },
      { name: "notes.md", text },
      { name: "._BTCUSDT.csv", text },
      { name: "bad.zip", text: packZip([{ ...candles("a.csv"), packed: 0 }]) },
      { name: "bomb.zip", text: packZip([{ name: "a.csv", text: Buffer.alloc(22_000_000) }]) },
      { name: "bomb.csv.gz", text: gzipSync(Buffer.alloc(60_000_000)) },
      { name: "far.zip", text: far.fill(0xff, far.length - 34, far.length - 26) },
      { name: "secret.zip", text: packZip([{ ...candles("a.csv"), flags: 1 }]) },
      { name: "table.csv", text: "a,b\n1,2" },
    ]);
    const own = join(workspace.root, "own");
    await mkdir(join(own, "more", "1m"), { recursive: true });
    await mkdir(join(own, "node_modules"));
    await writeFile(join(own, "more", "1m", "2024-03.csv"), text);
    await symlink(join(own, "ETHUSDT.csv"), join(own, "ETHUSDT.csv"));
    await writeFile(
      Buffer.concat([Buffer.from(`${own}/ETHUSDT_`), Buffer.from([0xe9]), Buffer.from(".csv")]),
      text,
    );
    const { files, passedOver } = await ingest(workspace, { files: [{ path: own, symbol: "BTCUSDT" }] });
    expect(passedOver).toEqual([
      "own/._BTCUSDT.csv: hidden",
      "own/README.txt: no row of numbers",
      "own/node_modules: no name of a file of candles",
      "own/notes.md: no name of a file of candles",
    ]);
    expect(files.map(({ name, rows, problem }) => [name, problem?.code ?? rows.valid])).toEqual([
      ["BTCUSDT.csv", 2],
      ["ETHUSDT.csv", "link_loop"],
      ["ETHUSDT_\uFFFD.csv", "name_not_utf8"],
      ["bad.zip", "broken_archive"],
      ["bomb.csv.gz", "unpacks_too_large"],
      ["bomb.zip", "unpacks_too_large"],
      ["far.zip", "broken_archive"],
      ["2024-03.csv", 2],
      ["secret.zip", "unread_zip"],
      ["table.csv", "unknown_form"],
    ]);
    const manifest = await readFile(join(workspace.root, "data", "raw", "manifest.json"), "utf8");
    expect(manifest).not.toContain(workspace.root);
  });

  it("of nothing but other files says what they are", async () => {
    await writeFiles(workspace, [{ name: "README.txt", text: "none" }]);
    const refused = ingest(workspace, { files: [{ path: join(workspace.root, "own") }] });
    await expect(refused).rejects.toMatchObject({
      code: "is_a_folder",
      message: expect.stringContaining("own/README.txt: no row of numbers"),
    });
  });

  it("a file that held candles and is emptied is refused, not passed over, and its minutes stay", async () => {
    const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: minutes(3) }]);
    const files = [{ path: join(workspace.root, "own") }];
    await ingest(workspace, { files });
    await writeFile(path, "");
    const again = await ingest(workspace, { files });
    expect(again.files[0]).toMatchObject({ problem: { code: "empty_file" }, rows: { valid: 3 } });
    expect(await tableRows(workspace, "btc_minutes")).toHaveLength(3);
  });
});

describe("a file that changes while it is read", () => {
  const changes: [string, (path: string) => Promise<unknown>, string][] = [
    ["grows", (path) => appendFile(path, "\n"), "changed"],
    ["is written to", (path) => utimes(path, 1, 1), "changed"],
    ["is removed", (path) => rm(path), "was removed"],
    [
      "is replaced",
      async (path) => {
        await writeFile(`${path}.new`, minutes(3));
        await rename(`${path}.new`, path);
      },
      "changed",
    ],
  ];
  it.each(changes)("and %s is refused; the others are read", async (_, change, shown) => {
    const paths = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: minutes(2) },
      { name: "ETHUSDT.csv", text: minutes(2) },
    ]);
    const { files } = await withLakePool(workspace, {}, (pool) =>
      ingest(workspace, {
        files: paths.map((path) => ({ path })),
        reader: async (readings) => {
          const read = await Promise.allSettled(readings.map((one) => importFile(pool, one)));
          await change(paths[0]);
          return read;
        },
      }),
    );
    expect(files).toMatchObject([
      { problem: { code: "file_changed", message: expect.stringContaining(shown) }, rows: { in: 0 } },
      { problem: null, rows: { valid: 2 } },
    ]);
    expect(await tableRows(workspace, "eth_minutes")).toHaveLength(2);
  });
});
