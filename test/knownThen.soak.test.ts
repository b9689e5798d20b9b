import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DailyCandle, NO_FIGURES } from "../src/candle/candle.ts";
import { seededRandom } from "../src/core/random.ts";
import type { Workspace } from "../src/core/workspace.ts";
import type { Series } from "../src/forecast/forecaster.ts";
import { MODEL_NAMES } from "../src/forecast/registry.ts";
import { headOf } from "../src/forecast/series.ts";
import { remakeForecasts } from "../src/forecasting/remake.ts";
import { listVersions } from "../src/lake/history/versions.ts";
import { withLake } from "../src/lake/session.ts";
import { placeOf } from "../src/lake/tables.ts";
import { merge } from "../src/serving/merge.ts";
import { addDays, type Day } from "../src/time/day.ts";
import { forecastIntoDiary } from "../testkit/diary.ts";
import { randomWalk } from "../testkit/series.ts";
import { measured, SOAK, SOAK_TIMEOUT_MS, tries } from "../testkit/soak.ts";
import { putTable, scratchWorkspace } from "../testkit/tables.ts";

const DAY_MS = 86_400_000;

let workspace: Workspace;
let now: number;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  workspace = { ...(await scratchWorkspace()), clock: () => now };
});
afterEach(() => rm(workspace.root, { recursive: true, maxRetries: 3 }));

/** Days of two symbols with figures of every column; the last day is not complete yet. */
function madeUpDays(count: number): DailyCandle[] {
  return ["BTCUSDT", "ETHUSDT"].flatMap((symbol, seed) => {
    const random = seededRandom(seed + 1);
    const { days, open, high, low, close } = randomWalk(seed + 1, count, symbol);
    return days.map((day, i) => {
      const share = i === count - 1 ? 0.5 : 1;
      const volume = Math.round(1e8 * 9_000 * random() * share) / 1e8;
      return {
        ...{ symbol, day, open: open[i], high: high[i], low: low[i], close: close[i], volume, ...NO_FIGURES },
        ...{ quote_volume: volume * close[i], trades: Math.round(1e6 * random() * share) },
        ...{
          taker_base: volume / 3,
          vwap: close[i],
          minutes: 1440 * share,
          origin: "batch",
          complete: share === 1,
        },
      } as DailyCandle;
    });
  });
}

/** Blocks of the disk, bytes. */
async function diskOf(path: string): Promise<number> {
  const { blocks } = await stat(path);
  const names = await readdir(path).catch(() => []);
  const below = await Promise.all(names.map((name) => diskOf(join(path, name))));
  return below.reduce((sum, size) => sum + size, blocks * 512);
}

describe("daily publishes", () => {
  it(
    "of a year take at most 1.2 times the disk of one, each as it was published",
    async () => {
      const [first, count] = [tries(600, 3_000), tries(5, 365)];
      for (let day = 0; day < count; day += 1) {
        const rows = madeUpDays(first + day);
        await putTable(workspace, "daily_batch", rows);
        await merge(workspace);

        now += DAY_MS;
      }
      for (const table of ["daily_batch", "daily_filled"]) {
        const versions = await listVersions(workspace, table);
        const known = versions.filter((_, i) => i % tries(1, 30) === 0);
        const found = await withLake(workspace, {}, (lake) =>
          Promise.all(
            known.map(({ sql }) =>
              lake.rows(`SELECT count(*)::INTEGER AS rows, max(day)::VARCHAR AS day FROM ${sql}`),
            ),
          ),
        );
        expect(found.flat()).toEqual(
          known.map(({ rows }) => ({ rows, day: addDays("2020-01-01" as Day, rows / 2 - 1) })),
        );
        const folder = placeOf(workspace, table).versions;
        const [all, one] = await Promise.all([diskOf(folder), diskOf(join(folder, versions[count - 1].id))]);
        const history = await diskOf(join(folder, "history.parquet"));
        measured(`${table}: ${versions.length} versions, one ${one} B, history ${history} B, all ${all} B`);
        expect(one + history).toBeLessThanOrEqual(1.2 * one);
      }
    },
    SOAK_TIMEOUT_MS,
  );
});

describe("a diary", () => {
  it(
    "is made again bit for bit after later publishes, some of which correct a day",
    async () => {
      const [publishes, later] = [tries(1, 63), tries(1, 30)];
      const models = SOAK ? MODEL_NAMES : ["naive", "theta"];
      let markets = [1, 2].map((seed) => randomWalk(seed, 400, `MADE${seed}USDT`));
      for (let day = 0; day < publishes + later; day += 1) {
        if (day % tries(1, 10) === 0) markets = markets.map((market) => withClose(market, 150 + day));
        const seen = markets.map((market) => headOf(market, 200 + day));
        await forecastIntoDiary(workspace, seen, {
          models: day < publishes ? models : ["naive"],
          horizon: 30,
        });
        now += DAY_MS;
      }
      const remade = [];
      for (const { symbol } of markets) remade.push(...(await remakeForecasts(workspace, { id: symbol })));
      const made = remade.filter(({ entry }) => Date.parse(entry.published) < now - later * DAY_MS);
      expect(made).toHaveLength(publishes * models.length * markets.length);
      expect(remade.filter(({ equal }) => !equal)).toEqual([]);
      measured(`${made.length} forecasts of the diary made again after ${later} publishes, 0 differ`);
    },
    SOAK_TIMEOUT_MS,
  );
});

/** The market with another close on a day. */
function withClose(market: Series, day: number): Series {
  const close = market.close.slice();
  close[day] *= 1.0001;
  return { ...market, close };
}
