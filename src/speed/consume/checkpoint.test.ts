import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { PROJECT } from "../../../testkit/candlebook.ts";
import { publishedDays, tableRows } from "../../../testkit/stream.ts";
import { type DailyCandle, NO_FIGURES } from "../../candle/candle.ts";
import type { Workspace } from "../../core/workspace.ts";
import type { Manifest } from "../../lake/manifest.ts";
import { readTable, type TableVersion } from "../../lake/read.ts";
import { dayOf } from "../../time/day.ts";
import { DAY_MS, type EpochMs } from "../../time/epoch.ts";
import { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
import { CHECKPOINT_SCHEMA } from "./checkpointSchema.ts";
import { publishStream } from "./publishStream.ts";
import { emptyState, openCandles, type PoisonMessage } from "./state.ts";
import { dayOfWindow, windowOfDay } from "./windowCandle.ts";

const TOPIC = "embedded:crypto-prices";
const folder = mkdtempSync(join(tmpdir(), "candlebook-checkpoint-"));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (root: string): Workspace => ({
  root,
  clock: () => 0,
  resources: { threads: 1, memory: "256MB" },
});
/** The same checkpoint, and from where on it was asked. */
function watching(checkpoint: Checkpoint, what: "closed" | "poison") {
  const asked: number[] = [];
  const ask = (since: number) => {
    asked.push(since);
    return checkpoint[what](since);
  };
  return { asked, watched: { ...checkpoint, [what]: ask } as Checkpoint };
}
const message = (offset: number, raw: string): PoisonMessage => ({
  topic: TOPIC,
  partition: 0,
  offset,
  reason: "not_json",
  raw,
});

describe("a checkpoint", () => {
  it.each(Array.from({ length: CHECKPOINT_SCHEMA }, (_, i) => i + 1))("of form %i is loaded", (form) => {
    const golden = join(PROJECT, "golden", "checkpoint", `form${form}`);
    const path = join(folder, `form${form}.db`);
    cpSync(`${golden}.db`, path);
    const known = JSON.parse(readFileSync(`${golden}.json`, "utf8"));
    // Forms before 4 had no amounts; the trades of open days are in their minutes.
    const withFigures = (day: object, trades: unknown) => ({ ...NO_FIGURES, ...{ trades }, ...day });
    const expected = {
      ...known,
      closed: known.closed.map((day: DailyCandle) => withFigures(day, null)),
      open: known.open.map((day: DailyCandle) =>
        withFigures(day, day.minutes === 0 ? null : expect.any(Number)),
      ),
      // Forms before 5 had minutes and days alone.
      late: known.late.map((event: object) => ({ candle_interval: "1m", window_interval: "1d", ...event })),
      counts: { unfit: 0, ...known.counts },
      windows: known.windows ?? [],
    };
    const checkpoint = openCheckpoint(path);
    const state = checkpoint.load();
    const closed = [...checkpoint.closed(-1)].flat();
    const open = openCandles(state, "1d");
    expect({
      topic: checkpoint.topic(),
      next: state.partitions.map(({ next }) => next),
      symbols: [...state.series].map(([name, { sets }]) => [name, sets[0].closedThrough]),
      open: open.map(dayOfWindow),
      closed: closed.map(dayOfWindow),
      late: [...checkpoint.late(0)].flat(),
      poison: [...checkpoint.poison(0)].flat(),
      counts: state.counts,
      windows: [...checkpoint.closed(-1, "4h")].flat(),
      // Kept since form 2.
      ...(form === 1 ? {} : { sources: checkpoint.sources([...closed, ...open]) }),
    }).toEqual(expected);
    checkpoint.close();
  });

  it("publishes days that an earlier form closed and nobody published yet", async () => {
    const root = join(folder, "unpublished");
    mkdirSync(root);
    cpSync(join(PROJECT, "golden", "checkpoint", "form2.db"), join(root, "checkpoint.db"));
    const checkpoint = openCheckpoint(join(root, "checkpoint.db"));
    await publishStream(at(root), {}, { checkpoint, source: "binance", open: [] });
    expect(await publishedDays(at(root))).toEqual([...checkpoint.closed(-1)].flat().map(dayOfWindow));
    checkpoint.close();
  });

  it("gives a flood of poison page by page, and so it is published", async () => {
    const root = join(folder, "flood");
    const workspace = at(root);
    const checkpoint = openCheckpoint(join(root, "checkpoint.db"));
    const poison = Array.from({ length: 25_000 }, (_, offset) => message(offset, `broken ${offset}`));
    const large = Array.from({ length: 10 }, (_, i) => message(25_000 + i, "x".repeat(1_000_000)));
    const output = { closed: [], late: [], poison: [...poison, ...large] };
    checkpoint.commit({ topic: TOPIC, state: emptyState(), output, gone: [] });
    const pages: number[] = [];
    const counted: Checkpoint = {
      ...checkpoint,
      poison: function* (since) {
        for (const page of checkpoint.poison(since)) {
          pages.push(page.length);
          yield page;
        }
      },
    };
    await publishStream(workspace, {}, { checkpoint: counted, source: "simulated", open: [] });
    expect(pages).toEqual([10_000, 10_000, 5_004, 4, 2]);
    const rows = await tableRows<{ offset: bigint; raw: string }>(workspace, "poison_messages");
    expect(rows.map(({ offset }) => Number(offset))).toEqual(output.poison.map(({ offset }) => offset));
    expect(rows[25_009].raw).toHaveLength(1_000_000);
    checkpoint.close();
  });

  it("publishes what is new beside the parts before, in few parts, every row once and in its order", async () => {
    const root = join(folder, "growing");
    const checkpoint = openCheckpoint(join(root, "checkpoint.db"));
    const { asked, watched } = watching(checkpoint, "poison");
    const sizes = [3_000, 5, 5, 700, 1, 1, 1, 1, 2_500, 40];
    const written = [];
    let offset = 0;
    let before: Manifest["parts"] = [];
    for (const size of sizes) {
      const poison = Array.from({ length: size }, (_, i) =>
        message(offset + i, `broken ${offset + i} `.repeat(9)),
      );
      offset += size;
      checkpoint.commit({
        topic: TOPIC,
        state: emptyState(),
        output: { closed: [], late: [], poison },
        gone: [],
      });
      await publishStream(at(root), {}, { checkpoint: watched, source: "binance", open: [] });
      const { manifest } = (await readTable(at(root), "poison_messages")) as TableVersion;
      expect(manifest.rows).toBe(offset);
      expect(manifest.parts.length).toBeLessThanOrEqual(5);
      written.push(
        manifest.parts.filter((part) => !before.some(({ sha256 }) => sha256 === part.sha256)).length,
      );
      before = manifest.parts;
    }
    expect(asked).toEqual([0, 3_000, 3_005, 3_010, 3_710, 3_711, 3_712, 3_713, 3_714, 6_214]);
    expect(written).toEqual(sizes.map(() => 1));
    const rows = await tableRows<{ offset: bigint }>(at(root), "poison_messages");
    expect(rows.map((row) => Number(row.offset))).toEqual(Array.from({ length: offset }, (_, i) => i));
    checkpoint.close();
  });

  it("adds days to those that are published, and makes the table anew where one was damaged", async () => {
    const root = join(folder, "days");
    const checkpoint = openCheckpoint(join(root, "checkpoint.db"));
    const { asked, watched } = watching(checkpoint, "closed");
    const close = async (...days: DailyCandle[]) => {
      checkpoint.commit({
        topic: TOPIC,
        state: emptyState(),
        output: { closed: days.map(windowOfDay), late: [], poison: [] },
        gone: [],
      });
      await publishStream(at(root), {}, { checkpoint: watched, source: "binance", open: [] });
      return publishedDays(at(root));
    };
    const day = (symbol: string, n: number, minutes = 1_440): DailyCandle => ({
      ...{ symbol, day: dayOf((n * DAY_MS) as EpochMs), minutes, volume: n, origin: "speed", complete: true },
      ...{ open: n + minutes, high: 9_999, low: 1, close: n + 1 },
      ...{ quote_volume: 3 * n, trades: minutes, taker_base: n / 4, vwap: 3 },
    });
    const [b1, e1, b2, e2] = [day("BTC", 1, 900), day("ETH", 1), day("BTC", 2), day("ETH", 2)];
    expect(await close(b1, e1)).toEqual([b1, e1]);
    expect(await close(b2, e2)).toEqual([b1, b2, e1, e2]);
    // The same day again, with more of it and with less.
    expect(await close(day("BTC", 1, 1_000), day("ETH", 1, 3))).toEqual([day("BTC", 1, 1_000), b2, e1, e2]);
    expect(new Set(asked)).toEqual(new Set([-1, 2, 4]));
    asked.length = 0;
    const { folder: version } = (await readTable(at(root), "streaming_output")) as TableVersion;
    truncateSync(join(version, "part-0.parquet"), 10);
    expect(await close(day("ETH", 3))).toHaveLength(5);
    expect(new Set(asked)).toEqual(new Set([-1]));
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
