import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { ingest } from "../batch/ingest.ts";
import type { Workspace } from "../core/workspace.ts";
import { compareReaders } from "./readerLesson.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true, force: true }));

const START = Date.UTC(2023, 0, 1);
/** 2,000 minutes, twice the first, one price that is none; the highest is 2,000. */
const lines = [...Array.from({ length: 2_000 }, (_, i) => line(i)), line(0), `${START},1,x,1,1,5`];

function line(i: number): string {
  return `${START + i * 60_000},1,${i + 1},1,1,5`;
}

const texts: [string, string | Uint8Array][] = [
  ["BTCUSDT.csv", `open_time,open,high,low,close,volume\r\n${lines.join("\r\n")}`],
  ["BTCUSDT.csv.gz", gzipSync(lines.join("\n"))],
  ["BTCUSDT.zip", zipSync({ "data.csv": Buffer.from(`${lines.join("\n").replaceAll(",", ";")}\n`) })],
  [
    "both.csv",
    `symbol,time,open,high,low,close,volume\n${lines.map((one) => `BTCUSDT,${one}`).join("\n")}\nETHUSDT,${line(0)}\n`,
  ],
];

describe("compareReaders", () => {
  it.each(texts)(
    "three ways to read %s give the same answer, and the stages say what came out",
    async (name, text) => {
      const path = join(workspace.root, name);
      await writeFile(path, text);
      await ingest(workspace, { files: [{ path }] });
      const { file, readers, stages } = await compareReaders(workspace, { symbol: "BTCUSDT" });
      const rows = name === "both.csv" ? 2_002 : 2_001;
      expect(file).toBe(name);
      expect(readers.map(({ reader }) => reader)).toEqual([
        "PapaParse, CSV",
        "DuckDB, CSV",
        "DuckDB, Parquet",
      ]);
      for (const reader of readers) expect(reader).toMatchObject({ rows, highest: 2_000 });
      expect(readers[2].bytes).toBeLessThan(readers[0].bytes / 2);
      const other = name === "both.csv" ? 1 : 0;
      expect(stages.map(({ stage, rows: out }) => [stage, out])).toEqual([
        ["ingest", rows],
        ["clean", 2_000 + other],
        ["daily", 2 + other],
      ]);
    },
  );

  it("reads no more than the first 130,000 lines", async () => {
    const path = join(workspace.root, "BTCUSDT.csv");
    await writeFile(path, Array.from({ length: 140_000 }, (_, i) => `${line(i)}\n`).join(""));
    await ingest(workspace, { files: [{ path }] });
    const { lines: read, readers } = await compareReaders(workspace, { symbol: "BTCUSDT" });
    expect([read, ...readers.map(({ highest }) => highest)]).toEqual([130_000, 130_000, 130_000, 130_000]);
  });

  it("says that there is no file of a symbol", async () => {
    await expect(compareReaders(workspace, { symbol: "BTCUSDT" })).rejects.toMatchObject({
      code: "no_files",
    });
  });
});
