import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { FaultRule } from "../src/simulator/faults.ts";
import type { Day } from "../src/time/day.ts";
import { DAY_MS } from "../src/time/epoch.ts";
import { archiveFiles } from "../src/venues/binance/archiveClient.ts";
import { fetchDays, startArchive, states, stored } from "../testkit/archive.ts";
import { startExchange } from "../testkit/simulator.ts";
import { SOAK_TIMEOUT_MS, tries } from "../testkit/soak.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

const sha256 = async (path: string) =>
  createHash("sha256")
    .update(await readFile(path))
    .digest("hex");

describe("the archive's files", () => {
  it("are months where they lie whole in the stretch, else days", () => {
    const names = archiveFiles("BTCUSDT", "1m", "2024-01-30" as Day, "2024-03-01" as Day).map(
      ({ name }) => name,
    );
    expect(names).toEqual([
      "BTCUSDT-1m-2024-01-30",
      "BTCUSDT-1m-2024-01-31",
      "BTCUSDT-1m-2024-02",
      "BTCUSDT-1m-2024-03-01",
    ]);
  });
});

describe("download", () => {
  it("fetches, verifies, asks nothing again on the same day, and the checksums alone on the next", async () => {
    const { exchange, workspace } = await startArchive("2025-06-07T12:00");
    const first = await fetchDays(workspace, exchange, ["2025-05-01", "2025-06-02"]);
    expect(states(first.files)).toEqual(["2025-05 fetched", "2025-06-01 fetched", "2025-06-02 fetched"]);
    expect(first.files[0].rows).toEqual({ good: 744, doubled: 0, bad: 0, expected: 744 });
    expect(exchange.simulator.requests).toHaveLength(6);
    expect(states((await fetchDays(workspace, exchange, ["2025-05-01", "2025-06-02"])).files)).toEqual([
      "2025-05 there",
      "2025-06-01 there",
      "2025-06-02 there",
    ]);
    expect(exchange.simulator.requests).toHaveLength(6);
    exchange.clock.advance(DAY_MS);
    await fetchDays(workspace, exchange, ["2025-05-01", "2025-06-02"]);
    expect(exchange.simulator.requests.slice(6).every(({ path }) => path.endsWith(".CHECKSUM"))).toBe(true);
    expect(exchange.simulator.requests).toHaveLength(9);
  });

  it("takes the days of a month that is not published yet, and the month in their place when it is", async () => {
    const { exchange, workspace } = await startArchive("2025-03-02T12:00");
    const first = await fetchDays(workspace, exchange, ["2025-02-01", "2025-03-01"]);
    expect(states(first.files).slice(0, 2)).toEqual(["2025-02 absent", "2025-02-01 fetched"]);
    expect(first.paths).toHaveLength(28 + 1);
    exchange.clock.advance(5 * DAY_MS);
    const later = await fetchDays(workspace, exchange, ["2025-02-01", "2025-03-01"]);
    expect(states(later.files)).toEqual(["2025-02 fetched", "2025-03-01 there"]);
    expect(await stored(workspace)).toEqual(["BTCUSDT-1h-2025-02.zip", "BTCUSDT-1h-2025-03-01.zip"]);
  });

  it("says what a dry run would fetch, and writes nothing", async () => {
    const { exchange, workspace } = await startArchive("2025-06-07T12:00");
    const { files, bytes } = await fetchDays(workspace, exchange, ["2025-05-01", "2025-06-01"], {
      dryRun: true,
    });
    expect(states(files)).toEqual(["2025-05 wanted", "2025-06-01 wanted"]);
    expect(files.every((file) => file.bytes > 500)).toBe(true);
    expect([bytes, await stored(workspace)]).toEqual([0, []]);
  });

  const file = (
    fault: Extract<FaultRule, { on: "rest" | "archive" }>["fault"],
    times?: number,
  ): FaultRule => ({
    on: "archive",
    path: "2025-05-02.zip",
    times,
    fault,
  });

  it.each([
    ["half a body", file({ kind: "truncate", share: 0.5 }, 2)],
    ["a web page", file({ kind: "html" }, 1)],
    ["a reset", file({ kind: "reset" }, 2)],
    ["status 503", file({ kind: "status", status: 503 }, 2)],
    ["status 429", file({ kind: "status", status: 429, retryAfter: 9 }, 2)],
    ["one wrong byte", file({ kind: "corrupt", share: 0.4 }, 1)],
  ])("gets over %s", async (_name, fault) => {
    const { exchange, workspace } = await startArchive("2025-05-04T12:00", [fault]);
    const { files } = await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-03"]);
    expect(new Set(files.map(({ state }) => state))).toEqual(new Set(["fetched"]));
    expect(await stored(workspace)).toHaveLength(3);
  });

  it.each([
    ["zip and checksum that disagree for ever", file({ kind: "wrongChecksum" })],
    ["another entry name", file({ kind: "otherName" })],
    ["a path in the entry", file({ kind: "outside" })],
    ["a zip bomb", file({ kind: "bomb" })],
    ["an empty file", file({ kind: "nothing" })],
  ])("never takes %s", async (_name, fault) => {
    const { exchange, workspace } = await startArchive("2025-05-04T12:00", [fault]);
    const { files, paths } = await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-03"]);
    expect(states(files)).toEqual(["2025-05-01 fetched", "2025-05-02 refused", "2025-05-03 fetched"]);
    expect(paths).toHaveLength(2);
    expect(await stored(workspace)).toEqual(["BTCUSDT-1h-2025-05-01.zip", "BTCUSDT-1h-2025-05-03.zip"]);
    expect(await readdir(workspace.root)).toEqual(["data"]);
  });

  it("takes the days where a month is not to be trusted", async () => {
    const month: FaultRule = { on: "archive", path: "monthly", fault: { kind: "wrongChecksum" } };
    const { exchange, workspace } = await startArchive("2025-05-07T12:00", [month]);
    const { files } = await fetchDays(workspace, exchange, ["2025-04-01", "2025-04-30"]);
    expect(states(files).slice(0, 2)).toEqual(["2025-04 refused", "2025-04-01 fetched"]);
    expect(files).toHaveLength(31);
  });

  it("lists file by file what did not come, and forgets the list when it came", async () => {
    const { exchange, workspace } = await startArchive("2025-05-07T12:00", [
      { on: "archive", path: "2025-05-02.zip", times: 5, fault: { kind: "reset" } },
    ]);
    const list = join(workspace.root, "data", "missing_archive.csv");
    const days: [string, string] = ["2025-05-01", "2025-05-03"];
    await expect(fetchDays(workspace, exchange, days, { parallel: 1 })).rejects.toMatchObject({
      exit: 3,
      message: expect.stringContaining(
        "Still missing: 48 candles of BTCUSDT 1h (2025-05-02 – 2025-05-03); listed in data/missing_archive.csv.",
      ),
    });
    expect((await readFile(list, "utf8")).split("\n").slice(1, 3)).toEqual([
      "BTCUSDT,1h,2025-05-02T00:00:00.000Z,2025-05-03T00:00:00.000Z,24",
      "BTCUSDT,1h,2025-05-03T00:00:00.000Z,2025-05-04T00:00:00.000Z,24",
    ]);
    expect(states((await fetchDays(workspace, exchange, days)).files)).toEqual([
      "2025-05-01 there",
      "2025-05-02 fetched",
      "2025-05-03 fetched",
    ]);
    await expect(readFile(list)).rejects.toThrow();
  });

  it("finds a file that was published anew, and keeps the old one where the new is broken", async () => {
    const later = Date.UTC(2025, 4, 5, 13);
    const { exchange, workspace } = await startArchive("2025-05-04T12:00", [
      { on: "archive", path: "2025-05-02", from: later + DAY_MS, fault: { kind: "wrongChecksum" } },
      { on: "archive", path: "2025-05-02", from: later - 2 * 3_600_000, fault: { kind: "republished" } },
    ]);
    await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-03"]);
    const path = join(workspace.root, "data/raw/BTCUSDT/BTCUSDT-1h-2025-05-02.zip");
    const before = await sha256(path);
    exchange.clock.advance(DAY_MS);
    const anew = await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-03"]);
    expect(states(anew.files)).toContain("2025-05-02 republished");
    const after = await sha256(path);
    expect(after).not.toBe(before);
    exchange.clock.advance(2 * DAY_MS);
    const broken = await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-03"]);
    expect(broken.files[1]).toMatchObject({ state: "there", remark: "its SHA-256 is not the published one" });
    expect(await sha256(path)).toBe(after);
  });

  it("takes no left-over for a file, and none that was changed on the disk", async () => {
    const { exchange, workspace } = await startArchive("2025-05-04T12:00");
    await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-02"]);
    const folder = join(workspace.root, "data/raw/BTCUSDT");
    await writeFile(join(folder, "BTCUSDT-1h-2025-05-01.zip"), "cut");
    await writeFile(join(folder, "BTCUSDT-1h-2025-05-03.zip.0.draft"), "half");
    const { files } = await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-02"]);
    expect(states(files)).toEqual(["2025-05-01 fetched", "2025-05-02 there"]);
    expect(await stored(workspace)).toEqual(["BTCUSDT-1h-2025-05-01.zip", "BTCUSDT-1h-2025-05-02.zip"]);
  });

  it("refuses every flipped byte and every cut of a zip (promise 4)", {
    timeout: SOAK_TIMEOUT_MS,
  }, async () => {
    const { exchange, workspace } = await startArchive("2025-05-04T12:00");
    const { files } = await fetchDays(workspace, exchange, ["2025-05-01", "2025-05-01"]);
    const size = files[0].bytes;
    const step = Math.ceil(size / tries(30, size));
    let refused = 0;
    let tried = 0;
    for (let at = 0; at < size; at += step) {
      for (const kind of ["corrupt", "truncate"] as const) {
        const fault = { kind, share: (at + 0.5) / size };
        const rule: FaultRule = { on: "archive", path: "2025-05-01.zip", fault };
        const other = await startExchange(exchange.clock.now(), { seed: 6, faults: [rule] });
        const empty = await scratchWorkspace();
        const result = await fetchDays({ ...empty, clock: exchange.clock.now }, other, [
          "2025-05-01",
          "2025-05-01",
        ]).catch((error) => error);
        tried += 1;
        const taken = result.paths ?? [];
        if (taken.length === 0 && (await stored(empty)).length === 0) refused += 1;
        await other.simulator.close();
        await rm(empty.root, { recursive: true, force: true });
      }
    }
    expect(refused).toBe(tried);
  });
});
