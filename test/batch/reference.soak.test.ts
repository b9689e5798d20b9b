import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Candle } from "../../src/candle/candle.ts";
import { deduplicate } from "../../src/candle/duplicates.ts";
import { foldDays } from "../../src/candle/foldDay.ts";
import { DAY_FIELDS } from "../../src/lake/columns.ts";
import { dayOf, startOfDay } from "../../src/time/day.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../../src/time/epoch.ts";
import { CANDLE_COLUMNS, runBatch, tableRows, writeFiles } from "../../testkit/batch.ts";
import { type DirtyFile, dirtyFiles } from "../../testkit/dirty.ts";
import { measured, SOAK_TIMEOUT_MS, tries } from "../../testkit/soak.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";

const NOW = "2026-03-01T00:05:30Z";
const LATEST = (Date.parse(NOW) + DAY_MS) as EpochMs;
const CASES_A_RUN = 25;
const RUNS = tries(2, 200);

/** Holes between the minutes that stayed. */
function gapsOf(candles: readonly Candle[]) {
  return candles.slice(1).flatMap((candle, i) => {
    const from = candles[i].openTime + MINUTE_MS;
    const minutes = (candle.openTime - from) / MINUTE_MS;
    return minutes > 0 ? [{ symbol: candle.symbol, from, to: candle.openTime, minutes }] : [];
  });
}

function daysOf(candles: readonly Candle[]) {
  const now = Date.parse(NOW);
  const [first, last] = [candles[0].openTime, candles[candles.length - 1].openTime];
  return foldDays(candles).map((day) => {
    const start = startOfDay(day.day);
    const end = start + DAY_MS;
    const whole = (first <= start || first >= end) && (last < start || last >= end - MINUTE_MS);
    return { ...day, origin: "batch", complete: end <= now && whole };
  });
}

/** What a person has to state of files as dirty as these: that they are minutes, and that their rejects are accepted. */
const STATED = { interval: "1m", acceptRejects: true, allowConflicts: true } as const;

async function holds(seed: number): Promise<number> {
  const workspace = await scratchWorkspace(NOW);
  try {
    const cases = Array.from({ length: CASES_A_RUN }, (_, i) => {
      const symbol = `S${i}X${seed}USDT`;
      return { symbol, asset: `s${i}x${seed}`, files: dirtyFiles(seed * 1000 + i, symbol, LATEST) };
    });
    const paths = await writeFiles(
      workspace,
      cases.flatMap(({ files }) => files),
    );
    const { cleaned } = await runBatch(
      workspace,
      paths.map((path) => ({ path, stated: STATED })),
    );
    const all = cases.map(({ files }) => deduplicate(files.flatMap(({ candles }) => candles)));
    const sum = (count: (file: DirtyFile) => number) =>
      cases.flatMap(({ files }) => files).reduce((total, file) => total + count(file), 0);
    const rejects = await tableRows<object>(workspace, "rejects", "file, line::DOUBLE AS line, reason, raw");
    const expectedRejects = cases.flatMap(({ files }) =>
      files.flatMap((file) => file.rejects.map((reject) => ({ file: file.name, ...reject }))),
    );
    expect(byText(rejects)).toEqual(byText(expectedRejects));
    expect(cleaned.balance).toEqual({
      in: sum(({ rows }) => rows),
      kept: all.reduce((total, { candles }) => total + candles.length, 0),
      duplicates: all.reduce((total, { duplicates }) => total + duplicates, 0),
      conflicts: all.reduce((total, { conflicts }) => total + conflicts, 0),
      rejected: sum(({ rejects }) => rejects.length),
    });
    for (const [i, { asset }] of cases.entries()) {
      expect(await tableRows(workspace, `${asset}_clean`, CANDLE_COLUMNS)).toEqual(all[i].candles);
    }
    const sorted = all.map(({ candles }) => candles).sort((a, b) => (a[0].symbol < b[0].symbol ? -1 : 1));
    expect(await tableRows(workspace, "daily_batch", DAY_FIELDS)).toEqual(sorted.flatMap(daysOf));
    const gaps = await tableRows(
      workspace,
      "gaps",
      `symbol, epoch_ms(start)::DOUBLE AS "from", epoch_ms("end")::DOUBLE AS "to", minutes`,
    );
    expect(gaps).toEqual(sorted.flatMap(gapsOf));
    const perDay = await tableRows<{ symbol: string; day: string; minutes: number }>(
      workspace,
      "per_day",
      "symbol, day::VARCHAR AS day, minutes",
    );
    const counted = foldDays(sorted.flat()).map(({ symbol, day, minutes }) => ({ symbol, day, minutes }));
    expect(perDay.filter(({ minutes }) => minutes > 0)).toEqual(counted);
    const span = (candles: Candle[]) =>
      (startOfDay(dayOf(candles[candles.length - 1].openTime)) - startOfDay(dayOf(candles[0].openTime))) /
        DAY_MS +
      1;
    expect(perDay).toHaveLength(sorted.reduce((total, candles) => total + span(candles), 0));
    return sum(({ rows }) => rows);
  } finally {
    await rm(workspace.root, { recursive: true });
  }
}

function byText(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();
}

describe("the batch layer's SQL and the plain rules", () => {
  it(`agree on ${RUNS * CASES_A_RUN} random dirty histories`, { timeout: SOAK_TIMEOUT_MS }, async () => {
    let rows = 0;
    for (let seed = 1; seed <= RUNS; seed += 1) {
      rows += await holds(seed).catch((error) => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error });
      });
    }
    measured(
      `batch = plain rules: ${RUNS * CASES_A_RUN} dirty histories, ${rows} rows, 0 unexplained (seeds 1 … ${RUNS})`,
    );
  });
});
