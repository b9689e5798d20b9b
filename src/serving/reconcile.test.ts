import { rm } from "node:fs/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dayRow, dayRows, putTable, scratchWorkspace } from "../../testkit/tables.ts";
import type { Origin } from "../candle/candle.ts";
import type { Workspace } from "../core/workspace.ts";
import { addDays, type Day } from "../time/day.ts";
import { compareDays } from "./compareDays.ts";
import { merge } from "./merge.ts";
import { COMPARED_FIELDS } from "./reconcileSql.ts";
import { reconciliation } from "./reconciliation.ts";

let workspace: Workspace;
beforeEach(async () => {
  workspace = await scratchWorkspace();
});
afterEach(() => rm(workspace.root, { recursive: true }));

const rows = async () => (await reconciliation(workspace)).rows;

const live = { origin: "speed" as const };

describe("reconciliation", () => {
  it("lists every field of every day in two layers; volumes may differ by rounding", async () => {
    await putTable(workspace, "daily_batch", dayRows("2024-01-01", 20));
    await putTable(
      workspace,
      "streaming_output",
      dayRows("2024-01-01", 22, live)
        .slice(2)
        .map((row) => ({ ...row, volume: row.close / 8 + 1e-9 })),
    );
    const { overlap, reconciliation: table } = await merge(workspace);
    expect(overlap.sentence.en).toBe("18 days in both layers, 18 equal.");
    expect(table.manifest.rows).toBe(18 * COMPARED_FIELDS.length);
    const [first] = await rows();
    expect(first).toEqual({
      symbol: "BTCUSDT",
      day: "2024-01-03",
      field: "open",
      layer_a: "batch",
      value_a: 101,
      layer_b: "speed",
      value_b: 101,
      difference: 0,
      relative: 0,
      cause: null,
    });
    expect((await merge(workspace)).skipped).toBe(true);
  });

  it("names the cause where it can be known", async () => {
    const days = dayRows("2024-01-01", 6);
    await putTable(workspace, "daily_batch", days.slice(0, 5));
    await putTable(
      workspace,
      "streaming_output",
      days.map((row, i) => ({
        ...row,
        ...live,
        ...[
          {},
          { close: 7, minutes: 1439 },
          { high: 999, minutes: 1400 },
          { low: 1, complete: false, minutes: 3 },
          { close: 8 },
          {},
        ][i],
      })),
    );
    await putTable(
      workspace,
      "late_events",
      [
        { symbol: "BTCUSDT", window_day: "2024-01-02" },
        { symbol: "BTCUSDT", window_day: "2024-01-01" },
      ],
      { columns: { symbol: "VARCHAR", window_day: "DATE" } },
    );
    const { overlap } = await merge(workspace);
    const causes = new Map((await rows()).flatMap((row) => (row.cause ? [[row.day, row.cause]] : [])));
    expect([...causes]).toEqual([
      ["2024-01-02", "late_events"],
      ["2024-01-03", "minutes_missing"],
      ["2024-01-04", "open_day"],
      ["2024-01-05", "unexplained"],
    ]);
    expect(overlap.sentence.en).toBe(
      "5 days in both layers, 1 equal; different: 1 not over yet, 1 with late events, " +
        "1 with minutes missing in one of them, 1 unexplained.",
    );
    const low = (await rows()).find((row) => row.day === "2024-01-04" && row.field === "low");
    expect(low).toMatchObject({ value_a: 101, value_b: 1, difference: -100, relative: -100 / 101 });
  });

  it("knows the exchange's daily candle as another source, and compares only what both know", async () => {
    await putTable(workspace, "daily_batch", dayRows("2024-01-01", 2));
    const candles = { origin: "backfill" as const, minutes: null };
    await putTable(workspace, "daily_backfill", [
      dayRow("2024-01-01", 100, candles),
      dayRow("2024-01-02", 101.5, { ...candles, volume: null }),
    ]);
    await putTable(workspace, "streaming_output", [dayRow("2024-01-02", 101, live)]);
    const { overlap } = await merge(workspace);
    expect(overlap).toMatchObject({ days: 2, equal: 1, causes: { other_source: 1 }, pairs: 3 });
    expect(overlap.sentence.en).toBe(
      "2 days in more than one layer, 1 equal; different: 1 from another source.",
    );
    const pairs = (await rows()).filter((row) => row.day === "2024-01-02");
    expect(pairs.map((row) => `${row.layer_a} ${row.layer_b} ${row.field}`)).toEqual([
      ...["open", "high", "low", "close"].map((field) => `backfill speed ${field}`),
      ...["open", "high", "low", "close"].map((field) => `batch backfill ${field}`),
      ...COMPARED_FIELDS.map((field) => `batch speed ${field}`),
    ]);
  });

  it("equals the plain rule for any layers", async () => {
    const layer = (origin: Origin) =>
      fc
        .uniqueArray(
          fc.record({
            ...{ symbol: fc.constantFrom("BTCUSDT", "ETHUSDT"), offset: fc.integer({ min: 0, max: 8 }) },
            ...{ close: fc.constantFrom(50, 51), minutes: fc.constantFrom(null, 1400, 1440) },
            ...{ volume: fc.constantFrom(null, 0, 5), complete: fc.boolean() },
          }),
          { selector: (row) => `${row.symbol} ${row.offset}`, minLength: 6, maxLength: 18 },
        )
        .map((rows) =>
          rows.map(({ offset, close, ...more }) =>
            dayRow(addDays("2024-01-01" as Day, offset), close, { ...more, origin }),
          ),
        );
    const lateDays = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(layer("batch"), layer("speed"), lateDays, fc.boolean(), async (a, b, late, same) => {
        await putTable(workspace, "daily_batch", a, { source: "csv" });
        await putTable(workspace, "streaming_output", b, { source: same ? "csv" : "binance" });
        const events = late.map((day) => ({ symbol: "BTCUSDT", window_day: `2024-01-0${day}` }));
        await putTable(workspace, "late_events", events, {
          columns: { symbol: "VARCHAR", window_day: "DATE" },
        });
        const { overlap } = await merge(workspace);
        const expected = compareDays(
          { label: "batch", days: a },
          { label: "speed", days: b },
          {
            otherSource: !same,
            isLate: ({ symbol, day }) => symbol === "BTCUSDT" && late.includes(Number(day.slice(-2))),
          },
        );
        expect(await rows()).toEqual(expected);
        const days = (some: typeof expected) => new Set(some.map((row) => `${row.symbol} ${row.day}`)).size;
        expect(overlap.days).toBe(days(expected));
        expect(overlap.equal).toBe(days(expected) - days(expected.filter(({ cause }) => cause !== null)));
      }),
      { numRuns: 12 },
    );
  });

  it("is empty, and says so, where layers don't meet", async () => {
    await putTable(workspace, "daily_batch", dayRows("2024-01-01", 2));
    expect((await merge(workspace)).overlap.sentence.en).toBe("No day is in two layers.");
    await putTable(workspace, "streaming_output", dayRows("2024-01-03", 2, live));
    await putTable(workspace, "streaming_output_batch", dayRows("2024-01-03", 2, live));
    expect((await merge(workspace)).overlap.days).toBe(0);
    expect(await rows()).toEqual([]);
  });
});
