import fc from "fast-check";
import { expect, it } from "vitest";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { withLake } from "../lake/session.ts";
import { EARLIEST_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { NO_AMOUNTS } from "./candle.ts";
import { brokenSql, invalidReason, LARGEST_VOLUME, validSql } from "./validity.ts";

const LATEST = Date.UTC(2026, 0, 1) as EpochMs;
const OPEN_TIME = { ms: "ms", onGrid: `ms % ${MINUTE_MS} = 0`, earliest: EARLIEST_MS, latest: LATEST };
const COLUMNS = ["ms", "open", "high", "low", "close", "volume"] as const;

it("the rules in SQL are those of JavaScript, in their order", async () => {
  const price = fc.constantFrom(
    1,
    2,
    2,
    3,
    3,
    3,
    0,
    -1,
    Number.NaN,
    null,
    Number.POSITIVE_INFINITY,
    -Infinity,
  );
  const volume = fc.constantFrom(
    0,
    1,
    1,
    1,
    LARGEST_VOLUME,
    1.000001e20,
    -1,
    Number.NaN,
    null,
    Number.POSITIVE_INFINITY,
  );
  const ms = fc.constantFrom(
    ...[LATEST, LATEST, EARLIEST_MS, EARLIEST_MS - MINUTE_MS, LATEST - 1, LATEST + MINUTE_MS, null],
  );
  const made = fc.record({ ms, open: price, high: price, low: price, close: price, volume });
  const candles = fc.sample(made, { numRuns: 4_000, seed: 24 });
  const cell = (value: number | null) => (value === null ? "NULL" : `'${value}'`);
  const values = candles.map(
    (candle, i) => `(${i}, ${COLUMNS.map((name) => cell(candle[name])).join(", ")})`,
  );
  const reasons = Object.entries(brokenSql(OPEN_TIME)).map(
    ([reason, broken]) => `WHEN ${broken} THEN '${reason}'`,
  );
  const numbers = COLUMNS.slice(1).map((name) => `${name}::DOUBLE AS ${name}`);
  const found = await withLake(await scratchWorkspace(), {}, (lake) =>
    lake.rows<{ valid: boolean; reason: string | null }>(
      `SELECT coalesce(${validSql(OPEN_TIME)}, false) AS valid, CASE ${reasons.join(" ")} END AS reason
       FROM (SELECT i, ms::BIGINT AS ms, ${numbers.join(", ")} FROM (VALUES ${values.join(", ")}) AS v(i, ${COLUMNS.join(", ")}))
       ORDER BY i`,
    ),
  );
  const expected = candles.map(({ ms: openTime, ...candle }) => {
    const [open, high, low, close, volume, at] = [
      candle.open,
      candle.high,
      candle.low,
      candle.close,
      candle.volume,
      openTime,
    ].map((value) => value ?? Number.NaN);
    const reason = invalidReason(
      { openTime: at, open, high, low, close, volume, ...NO_AMOUNTS },
      "1m",
      EARLIEST_MS,
      LATEST,
    );
    return { valid: reason === null, reason };
  });
  expect(found).toEqual(expected);
  expect(new Set(expected.map(({ reason }) => reason)).size).toBe(7);
});
