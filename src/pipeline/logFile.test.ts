import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { scratchWorkspace } from "../../testkit/tables.ts";
import type { Workspace } from "../core/workspace.ts";
import { openLog } from "./logFile.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace("2024-01-01T02:00:00Z");
});
afterEach(() => rm(workspace.root, { recursive: true }));

it("keeps what a run says, a line a second within a stage, and passes all of it on", async () => {
  let elapsed = 0;
  const heard: string[] = [];
  const log = openLog("run", { progress: ({ note }) => void heard.push(note) }, () => elapsed);
  const say = (stage: string, note: string, total?: number) => log.effects.progress?.({ stage, note, total });
  say("clean", "2023", 2);
  const path = await log.open(workspace);
  say("clean", "2024");
  elapsed = 1_500;
  say("clean", "2025\x1b[2J");
  say("merge", "layers");
  log.add(`done in ${workspace.root}/data`);
  expect(heard).toHaveLength(4);
  expect(path).toMatch(/^data\/logs\/20240101T020000000Z-run-[0-9a-f]{8}\.log$/);
  expect((await readFile(join(workspace.root, path), "utf8")).split("\n")).toEqual([
    "     0.0 s  clean: 2023 (0 of 2)",
    "     1.5 s  clean: 2025?[2J",
    "     1.5 s  merge: layers",
    "     1.5 s  done in ./data",
    "",
  ]);
});

it("keeps the newest hundred", async () => {
  for (let i = 0; i < 103; i += 1) {
    const log = openLog("run", {}, () => i);
    await log.open(workspace);
    log.add(`number ${i}`);
  }
  const logs = await readdir(join(workspace.root, "data", "logs"));
  expect(logs).toHaveLength(100);
});
