import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { PROJECT } from "../../testkit/candlebook.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { CHECKPOINT_SCHEMA } from "./checkpointForm.ts";
import { rowOf } from "./dayWindow.ts";
import { openWindowsOf } from "./state.ts";

const folder = mkdtempSync(join(tmpdir(), "candlebook-checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a checkpoint", () => {
  it.each(Array.from({ length: CHECKPOINT_SCHEMA }, (_, i) => i + 1))("of form %i is loaded", (form) => {
    const golden = join(PROJECT, "golden", "checkpoint", `form${form}`);
    const path = join(folder, `form${form}.db`);
    cpSync(`${golden}.db`, path);
    const expected = JSON.parse(readFileSync(`${golden}.json`, "utf8"));
    const checkpoint = openCheckpoint(path);
    const state = checkpoint.load();
    expect({
      topic: checkpoint.topic(),
      next: state.partitions.map(({ next }) => next),
      symbols: [...state.symbols].map(([symbol, { closedThrough }]) => [symbol, closedThrough]),
      open: openWindowsOf(state).map((window) => rowOf(window, "open")),
      closed: checkpoint.closed(),
      late: checkpoint.late(),
      poison: checkpoint.poison(),
      counts: state.counts,
      // Kept since form 2.
      ...(form === 1 ? {} : { sources: checkpoint.sources() }),
    }).toEqual(expected);
    checkpoint.close();
  });

  it("of a later form is refused, and a damaged one is told", () => {
    const path = join(folder, "later.db");
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA user_version = ${CHECKPOINT_SCHEMA + 1}`);
    database.close();
    expect(() => openCheckpoint(path)).toThrowError(/has form/);
    const damaged = join(folder, "damaged.db");
    cpSync(join(PROJECT, "package.json"), damaged);
    expect(() => openCheckpoint(damaged)).toThrowError(/damaged/);
  });
});
