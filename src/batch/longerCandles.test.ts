import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeFiles } from "../../testkit/batch.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import { ingest } from "./ingest.ts";

const T = Date.UTC(2024, 2, 1);

interface Candle {
  from: number;
  length: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

const minutes: Candle[] = Array.from({ length: 4_000 }, (_, from) => {
  const at = (i: number) => 60_000 * (1 + Math.sin(i / 40) / 20 + Math.sin(i * 7.1) / 900);
  const [open, close] = [at(from), at(from + 1)];
  const [high, low] = [Math.max(open, close) + 3, Math.min(open, close) - 3];
  return { from, length: 1, open, high, low, close, volume: 1 + (from % 7) };
});

/** The candle of some minutes in a row. */
function together(from: number, length: number): Candle {
  const own = minutes.slice(from, from + length);
  return {
    ...{ from, length, open: own[0].open, close: own[own.length - 1].close },
    high: Math.max(...own.map(({ high }) => high)),
    low: Math.min(...own.map(({ low }) => low)),
    volume: own.reduce((sum, { volume }) => sum + volume, 0),
  };
}

const line = ({ from, open, high, low, close, volume }: Candle) =>
  [T + from * 60_000, ...[open, high, low, close, volume].map((value) => value.toFixed(4))].join(",");
const closed = (candle: Candle) => `${line(candle)},${T + (candle.from + candle.length) * 60_000 - 1}`;
const HEADER = "open_time,open,high,low,close,volume";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

async function read(lines: readonly string[], header = HEADER) {
  const [path] = await writeFiles(workspace, [{ name: "BTCUSDT.csv", text: [header, ...lines].join("\n") }]);
  const { files } = await ingest(workspace, { files: [{ path }] }).catch((error) => ({
    files: [{ problem: error as { code: string; message: string } }],
  }));
  return files[0].problem ?? null;
}

describe("candles of several minutes among minutes", () => {
  it.each([3, 5, 60, 240])("are seen where they lie over minutes, %i long, in any order", async (length) => {
    const short = minutes.slice(0, 12 * length);
    const starts = short.flatMap(({ from }) => (from % length === 0 ? [from] : []));
    const mixed = [...short, ...starts.map((from) => together(from, length))];
    const found = await read(mixed.toSorted((a, b) => a.from - b.from || a.length - b.length).map(line));
    expect(found).toMatchObject(
      length === 1_440 ? { code: "conflicting_files" } : { code: "mixed_intervals" },
    );
  });

  it("are seen by their close time in a file's last rows", async () => {
    const found = await read([...minutes, together(0, 1_440)].map(closed), `${HEADER},close_time`);
    expect(found).toMatchObject({ code: "mixed_intervals", message: expect.stringContaining("line 4002: ") });
  });

  it("are not seen in a row without a time", async () => {
    const lines = [
      ...minutes.slice(0, 100).map(closed),
      "0,5,6,4,5,1.5,0",
      ...minutes.slice(100, 300).map(closed),
    ];
    expect(await read(lines, `${HEADER},close_time`)).toBe(null);
  });

  it("are not seen in snapshots of minutes that grow", async () => {
    const growing = minutes.flatMap((candle) => {
      const half = { ...candle, volume: candle.volume / 2, close: candle.open };
      return candle.from % 97 === 3 || candle.from % 60 === 0 ? [half, candle] : [candle];
    });
    expect(await read(growing.map(line))).toBe(null);
  });
});
