import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import { readClaim } from "../src/lake/marketClaim.ts";
import { commandLine } from "../testkit/commandLine.ts";
import { scratchWorkspace } from "../testkit/tables.ts";

const START = Date.UTC(2025, 5, 1);
const NOBODY = "http://127.0.0.1:9";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
  await mkdir(join(workspace.root, "own"));
});
afterEach(() => rm(workspace.root, { recursive: true }));

const own = (name: string) => join(workspace.root, "own", name);

async function put(name: string, hours: number): Promise<string> {
  const lines = Array.from({ length: hours * 60 }, (_, i) => `${START + i * 60_000},10,12,9,11,1`);
  await writeFile(own(name), `time,open,high,low,close,volume\n${lines.join("\n")}\n`);
  return own(name);
}

async function candlebook(...words: string[]) {
  const common = ["--workspace", workspace.root, "--now", "2025-06-03T12:00:00Z", "--json", "--threads", "1"];
  const { out, exit } = await commandLine(...words, ...common);
  return { ...JSON.parse(out), exit };
}

/** All that later commands work on; locks, logs and what a topic or a ban needs are none of it. */
async function state(): Promise<Record<string, string>> {
  const kept = /^(data\/(market\.json|raw|parquet|missing)|data_analysis|report)/;
  const names = (await readdir(workspace.root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(workspace.root.length + 1))
    .filter((name) => kept.test(name));
  const texts = names.map(async (name) => [name, await readFile(join(workspace.root, name), "latin1")]);
  return Object.fromEntries(await Promise.all(texts));
}

const BAD = async () => {
  await writeFile(own("bad.csv"), "a,b\n1,2\n");
  await writeFile(own("BTCUSDT_never.csv"), "time,open,high,low,close,volume\nnever,1,1,1,1,1\n");
};

const FAILURES: [words: string[], code: string][] = [
  [["run", "--csv", "own/nope.csv"], "no_such_file"],
  [["run", "--csv", "own/bad.csv", "own/nope.csv"], "unknown_form"],
  [["run", "--csv", "own/BTCUSDT_never.csv"], "no_valid_rows"],
  [["ingest", "own/nope.csv"], "no_such_file"],
  [["ingest", "own/BTCUSDT_good.csv", "--symbols", "NOPE"], "no_minutes"],
  [["download", "--symbols", "NOPE", "--archive-url", NOBODY], "archive_unreachable"],
  [["run", "--archive", "--symbols", "NOPE", "--archive-url", NOBODY], "archive_unreachable"],
  [["backfill", "--symbols", "NOPE"], "no_clean_minutes"],
  [["forecast", "--symbols", "NOPE"], "no_input"],
  [["produce", "--stream-url", "ws://127.0.0.1:9", "--for", "20ms"], "stream_unreachable"],
];

describe("what failed", () => {
  it.each(FAILURES)("%j leaves an empty workspace as it was", async (words, code) => {
    await BAD();
    await put("BTCUSDT_good.csv", 1);
    const failed = await candlebook(...words.map((word) => word.replace("own/", own("/"))));
    expect(failed).toMatchObject({
      exit: expect.toSatisfy((exit) => exit === 2 || exit === 3),
      error: { code },
    });
    expect(await state()).toEqual({});
    expect(await readClaim(workspace)).toBeNull();
  });

  it("in a workspace of an earlier version is not gone on with", async () => {
    await mkdir(join(workspace.root, "data", "raw"), { recursive: true });
    const never = { id: 1, path: "nope.csv", name: "nope.csv", symbol: null, origin: "batch", bytes: 0 };
    const file = { ...never, modified: 0, readerVersion: 1, facts: null, problem: null };
    const list = { schema: 1, source: "csv", files: [file] };
    await writeFile(join(workspace.root, "data", "raw", "manifest.json"), JSON.stringify(list));
    await writeFile(join(workspace.root, "data", "market.json"), '{"schema":1,"market":"real"}');
    const failed = await candlebook("run", "--archive-url", NOBODY);
    expect(failed).toMatchObject({ exit: 3, error: { code: "archive_unreachable" } });
    expect(await readClaim(workspace)).toBeNull();
  });

  it("consuming nothing makes no workspace real", async () => {
    expect(await candlebook("consume", "--once")).toMatchObject({ exit: 2, error: { code: "no_topic" } });
    expect(await readClaim(workspace)).toBeNull();
  });

  it("leaves a workspace with files as it was, and the next run goes on with those", async () => {
    const good = await put("BTCUSDT_good.csv", 48);
    await BAD();
    expect((await candlebook("run", "--csv", good, "--until", "daily")).exit).toBe(0);
    const before = await state();
    for (const [words] of FAILURES.slice(0, 6)) {
      const named = words.map((word) => word.replace("own/", own("/")));
      const { exit } = await candlebook(...named);
      expect({ named, exit }).toEqual({ named, exit: expect.toSatisfy((code) => code === 2 || code === 3) });
      expect(await state()).toEqual(before);
    }
    const { exit, stages } = await candlebook("run", "--until", "daily");
    expect(exit).toBe(0);
    expect(stages.every(({ skipped }: { skipped: boolean }) => skipped)).toBe(true);
  });

  it("is reported once and forgotten where other files of the list are good", async () => {
    const good = await put("BTCUSDT_good.csv", 48);
    await BAD();
    const list = [good, own("bad.csv"), own("nope.csv")];
    const first = await candlebook("ingest", ...list);
    expect(
      first.files.map(({ problem }: { problem: { code: string } | null }) => problem?.code ?? null),
    ).toEqual([null, "unknown_form", "no_such_file"]);
    const second = await candlebook("ingest");
    expect(second).toMatchObject({
      skipped: true,
      exit: 0,
      files: [{ name: "BTCUSDT_good.csv", problem: null }],
    });
  });

  it("keeps the rows of a file that was good before and can't be read now", async () => {
    const [a, b] = [await put("BTCUSDT_a.csv", 2), await put("ETHUSDT_b.csv", 3)];
    await candlebook("ingest", a, b);
    await writeFile(b, "a,b\n1,2\n");
    for (let round = 0; round < 2; round += 1) {
      const { files, tables, exit } = await candlebook("ingest");
      expect({ exit, tables }).toMatchObject({ exit: 0, tables: [{ rows: 120 }, { rows: 180 }] });
      expect(files).toMatchObject([{ problem: null }, { problem: { code: "unknown_form" } }]);
    }
  });
});
