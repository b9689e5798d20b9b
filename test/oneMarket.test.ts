import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ingest } from "../src/batch/ingest.ts";
import { readRawManifest } from "../src/batch/rawManifest.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { runBatch, writeFiles } from "../testkit/batch.ts";
import { HEADER } from "../testkit/recognize.ts";
import { scratchWorkspace } from "../testkit/tables.ts";
import { csvText, waveRows } from "../testkit/waveRows.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

describe("files of one symbol", () => {
  const files = (a: readonly string[], b: readonly string[]) =>
    writeFiles(workspace, [
      { name: "BTCUSDT-a.csv", text: csvText(a) },
      { name: "BTCUSDT-b.csv", text: csvText(b) },
    ]);

  it("that agree where they overlap are one market", async () => {
    const { cleaned } = await runBatch(
      workspace,
      await files(waveRows({ count: 120 }), waveRows({ from: 60, count: 120 })),
    );
    expect(cleaned.balance).toMatchObject({ in: 240, kept: 180, duplicates: 60, conflicts: 0 });
  });

  it("that disagree in most of the minutes they share are two: the later is refused, the first is kept", async () => {
    const paths = await files(waveRows({ count: 120 }), waveRows({ from: 60, count: 120, times: 1.001 }));
    const { files: read, balance } = await ingest(workspace, { files: paths.map((path) => ({ path })) });
    expect(read.map(({ problem }) => problem?.code)).toEqual([undefined, "conflicting_files"]);
    expect(read[1].problem?.message).toMatch(
      /60 minutes of BTCUSDT in common, and 60 of them differ, the first at 2\S+ \(\S+-b.csv, line 2: "\d[^"]+"; \S+-a.csv, line 62: "\d[^"]+"\)/,
    );
    expect(balance).toMatchObject({ in: 120, kept: 120 });
    const stated = paths.map((path) => ({ path, stated: { allowConflicts: true } }));
    expect((await ingest(workspace, { files: stated })).balance).toMatchObject({ in: 240, kept: 240 });
  });

  it("whose neighbours have prices of another scale are refused, unless their decimal mark is stated", async () => {
    const paths = await files(waveRows({ count: 120 }), waveRows({ from: 200, count: 120, times: 0.001 }));
    const { files: read } = await ingest(workspace, { files: paths.map((path) => ({ path })) });
    expect(read.map(({ problem }) => problem?.code)).toEqual([undefined, "other_scale"]);
    expect(read[1].problem?.message).toMatch(/-b.csv, line 2: "\d[^"]+": the file's prices of BTCUSDT are /);
    const inputs = [{ path: paths[0] }, { path: paths[1], stated: { decimal: "." as const } }];
    expect((await ingest(workspace, { files: inputs })).files[1].problem).toBeNull();
  });

  it("of two venues are two series, however far apart", async () => {
    const paths = await writeFiles(workspace, [
      { name: "binance_BTCUSDT.csv", text: csvText(waveRows()) },
      { name: "kraken_BTCUSDT.csv", text: csvText(waveRows({ from: 100 * 1440 })) },
    ]);
    const { files: read } = await ingest(workspace, { files: paths.map((path) => ({ path })) });
    expect(read.map(({ problem }) => problem?.code)).toEqual([undefined, "conflicting_files"]);
    expect(read[1].problem?.message).toMatch(/BTCUSDT on KRAKEN, .*binance_BTCUSDT.csv on BINANCE/);
    const stated = paths.map((path) => ({ path, stated: { allowConflicts: true } }));
    expect((await ingest(workspace, { files: stated })).balance.kept).toBe(120);
  });

  it("whose neighbours have volumes times the price are refused, unless the column is stated", async () => {
    const dear = (from: number, unit: "base" | "quote") =>
      waveRows({ from, count: 120, times: 500 }).map((line) => {
        const cells = line.split(",");
        const volume = Number(cells[5]) * (unit === "base" ? 1 : Number(cells[4]));
        return [...cells.slice(0, 5), volume].join();
      });
    const paths = await files(dear(0, "base"), dear(200, "quote"));
    const { files: read } = await ingest(workspace, { files: paths.map((path) => ({ path })) });
    expect(read.map(({ problem }) => problem?.code)).toEqual([undefined, "volume_conflict"]);
    const inputs = [{ path: paths[0] }, { path: paths[1], stated: { volume: "volume" } }];
    expect((await ingest(workspace, { files: inputs })).files[1].problem).toBeNull();
  });

  it("with volumes that are no number are in the list of the next time all the same", async () => {
    const endless = waveRows().map((line) => line.replace(/,[^,]*$/, ",Infinity"));
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: csvText([...waveRows({ from: 60 }), ...endless]) },
    ]);
    await ingest(workspace, { files: [{ path }] });
    expect((await readRawManifest(workspace))?.files[0].facts?.rows.rejected).toBe(60);
  });

  it("of a row each show their interval together, and a minute that one shares has to agree", async () => {
    const daily = [0, 1, 2].map((day) => waveRows({ from: day * 1440, count: 1 }));
    const of = (texts: readonly (readonly string[])[]) =>
      writeFiles(
        workspace,
        texts.map((own, i) => ({ name: `BTCUSDT_${i}.csv`, text: csvText(own) })),
      );
    const inputs = (await of(daily)).map((path) => ({ path }));
    await expect(ingest(workspace, { files: inputs })).rejects.toMatchObject({ code: "other_interval" });
    const stated = inputs.map((one) => ({ ...one, stated: { interval: "1m" as const } }));
    expect((await ingest(workspace, { files: stated })).balance.kept).toBe(3);
    const paths = await of([waveRows(), waveRows({ count: 1, times: 1.01 })]);
    const { files: read } = await ingest(workspace, { files: paths.map((path) => ({ path })) });
    expect(read.map(({ problem }) => problem?.code)).toEqual([undefined, "conflicting_files"]);
  });

  it("far apart in time may have any prices", async () => {
    const later = waveRows({ from: 200 * 1440, count: 60, times: 20 });
    const paths = await files(waveRows({ count: 60 }), later);
    const { files: read } = await ingest(workspace, { files: paths.map((path) => ({ path })) });
    expect(read.map(({ problem }) => problem)).toEqual([null, null]);
  });
});

describe("two markets in one file", () => {
  const refusal = async (lines: readonly string[], header = HEADER) => {
    const [path] = await writeFiles(workspace, [
      { name: "BTCUSDT.csv", text: [header, ...lines].join("\n") },
    ]);
    return ingest(workspace, { files: [{ path }] }).then(
      () => null,
      ({ code }) => code,
    );
  };

  it("are refused: the same minutes at other prices", async () => {
    expect(await refusal([...waveRows(), ...waveRows({ times: 1.01 })])).toBe("conflicting_files");
    const mixed = waveRows().flatMap((line, i) => [line, waveRows({ times: 0.92 })[i]]);
    expect(await refusal(mixed)).toBe("conflicting_files");
  });

  it("are refused: a column that names two venues, or two kinds", async () => {
    const named = (values: readonly string[]) =>
      waveRows().map((line, i) => `${line},${values[i < 30 ? 0 : 1]}`);
    expect(await refusal(named(["spot", "swap"]), `${HEADER},market_type`)).toBe("conflicting_files");
    expect(await refusal(named(["binance", "kraken"]), `${HEADER},exchange`)).toBe("conflicting_files");
    expect(await refusal(named(["binance", "binance"]), `${HEADER},exchange`)).toBeNull();
  });

  it("are refused: prices that go on at another scale; a single wild row is not", async () => {
    expect(await refusal([...waveRows(), ...waveRows({ from: 60, times: 0.01 })])).toBe("other_scale");
    expect(
      await refusal(
        waveRows().map((line, i) => (i === 30 ? waveRows({ from: 30, count: 1, times: 50 })[0] : line)),
      ),
    ).toBeNull();
  });

  it("are not repeats of the same candle as it grows", async () => {
    const growing = waveRows().flatMap((line) => [line.replace(/[^,]+$/, "0.1"), line]);
    expect(await refusal(growing)).toBeNull();
  });
});
