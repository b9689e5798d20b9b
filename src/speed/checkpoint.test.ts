import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { PROJECT } from "../../testkit/candlebook.ts";
import { tableRows } from "../../testkit/stream.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { CHECKPOINT_SCHEMA } from "./checkpointForm.ts";
import { rowOf } from "./dayWindow.ts";
import { emptyState, openWindowsOf, type PoisonMessage } from "./state.ts";
import { publishStream } from "./tables.ts";

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
      late: [...checkpoint.late()].flat(),
      poison: [...checkpoint.poison()].flat(),
      counts: state.counts,
      // Kept since form 2.
      ...(form === 1 ? {} : { sources: checkpoint.sources() }),
    }).toEqual(expected);
    checkpoint.close();
  });

  it("gives a flood of poison page by page, and so it is published", async () => {
    const root = join(folder, "flood");
    const workspace = { root, clock: () => 0, resources: { threads: 1, memory: "256MB" } };
    const checkpoint = openCheckpoint(join(root, "checkpoint.db"));
    const message = (offset: number, raw: string): PoisonMessage => ({
      topic: "embedded:crypto-prices",
      partition: 0,
      offset,
      reason: "not_json",
      raw,
    });
    const poison = Array.from({ length: 25_000 }, (_, offset) => message(offset, `broken ${offset}`));
    const large = Array.from({ length: 10 }, (_, i) => message(25_000 + i, "x".repeat(1_000_000)));
    const output = { closed: [], late: [], poison: [...poison, ...large] };
    checkpoint.commit("embedded:crypto-prices", emptyState(), output, []);
    const pages: number[] = [];
    const counted: Checkpoint = {
      ...checkpoint,
      poison: function* () {
        for (const page of checkpoint.poison()) {
          pages.push(page.length);
          yield page;
        }
      },
    };
    await publishStream(workspace, {}, counted, "simulated", []);
    expect(pages).toEqual([10_000, 10_000, 5_004, 4, 2]);
    const rows = await tableRows<{ offset: bigint; raw: string }>(workspace, "poison_messages");
    expect(rows.map(({ offset }) => Number(offset))).toEqual(output.poison.map(({ offset }) => offset));
    expect(rows[25_009].raw).toHaveLength(1_000_000);
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
