import type { FoldedCandle, Origin } from "../candle/candle.ts";
import { parseSymbol } from "../candle/symbol.ts";
import { unknownSymbol } from "../candle/unknownSymbol.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { foldedFields, isoSql, OWN_DAYS } from "../lake/columns.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { type Lake, withLake } from "../lake/session.ts";
import { liveWindows } from "../lake/streamWindows.ts";
import type { Day } from "../time/day.ts";
import { type EpochMs, parseInstant, toIso } from "../time/epoch.ts";
import { floorToInterval, type Interval, nextOpenTime } from "../time/interval.ts";
import { candleText } from "./candleText.ts";
import type { CandleExplanation } from "./explanation.ts";
import { restRequests } from "./origins.ts";
import {
  fileShares,
  gapsIn,
  hashesOf,
  inStretch,
  type Stretch,
  stageVersions,
  tablesOf,
} from "./provenance.ts";
import { requireCandles } from "./readCandles.ts";

/** A candle of `candles_<interval>` to explain. */
export interface CandleOfTable {
  symbol: string;
  /** Any instant in the candle: ISO 8601, UTC where it names no zone, or a day. */
  time: string;
  interval: Interval;
}

/**
 * Where one candle of `candles_<interval>` comes from: the series and files that it is folded from, what is missing, and
 * the versions of the tables.
 * @throws CandlebookError `bad_symbol`, `bad_time`, `no_such_table`, `unknown_symbol`, `no_such_candle` (exit 2)
 */
export async function explainCandle(
  workspace: Workspace,
  { symbol: given, time, interval }: CandleOfTable,
  effects: Effects = {},
): Promise<CandleExplanation> {
  const symbol = parseSymbol(given);
  const instant = instantFrom(time);
  const [from, to] = [floorToInterval(instant, interval), nextOpenTime(instant, interval)];
  const version = await requireCandles(workspace, interval);
  return withLake(workspace, effects, async (lake) => {
    const stretch = { symbol, from, to };
    const facts = await gather(workspace, lake, version, { stretch, interval });
    return { ...facts, text: candleText(facts) };
  });
}

function instantFrom(text: string): EpochMs {
  const instant = parseInstant(text) ?? parseInstant(`${text.replace(" ", "T")}Z`);
  if (instant !== null) return instant;
  throw inputError(
    "bad_time",
    `"${text.slice(0, 40)}" is no time.`,
    "Write it as 2021-09-29T04:00, which is UTC; any time in the candle will do.",
  );
}

async function gather(
  workspace: Workspace,
  lake: Lake,
  version: TableVersion,
  { stretch, interval }: { stretch: Stretch; interval: Interval },
): Promise<Omit<CandleExplanation, "text">> {
  const { symbol, from, to } = stretch;
  const [candle] = await lake.rows<FoldedCandle>(
    `SELECT ${foldedFields(interval)} FROM ${version.sql}
      WHERE symbol = $symbol AND epoch_ms(open_time) = ${from}`,
    { symbol },
  );
  if (candle === undefined) throw await noCandle(lake, version, stretch);
  const madeFrom = candle.made_from.split("+") as Interval[];
  const own = await tablesOf(workspace, symbol);
  const [read, clean] = [own.read, own.clean].map((tables) =>
    tables.filter((one) => madeFrom.includes(one.interval)),
  );
  const files = await fileShares(workspace, lake, stretch, read);
  const series = [];
  for (const { table, interval: length } of clean) {
    const candles = await countIn(lake, await readTable(workspace, table), stretch);
    if (candles > 0) series.push({ table, interval: length, candles });
  }
  const live = candle.origin === "speed" ? await liveTables(workspace, lake, stretch, interval) : [];
  const days = madeFrom.includes("1d") ? await servedDays(workspace, lake, stretch) : [];
  const gaps = (await readTable(workspace, "gaps"))?.sql;
  const tables = [...read, ...clean].map(({ table }) => table);
  return {
    symbol,
    interval,
    from: toIso(from),
    to: toIso(to),
    source: version.manifest.source,
    candle,
    series,
    days,
    live,
    gaps: candle.parts < candle.expected ? await gapsIn(lake, gaps, stretch) : [],
    files,
    requests: await restRequests(workspace, hashesOf(files)),
    versions: await stageVersions(workspace, [
      ...tables,
      ...(days.length === 0 ? [] : ["daily_filled"]),
      ...live.map(({ table }) => table),
      version.manifest.table,
    ]),
  };
}

async function countIn(
  lake: Lake,
  version: TableVersion | null,
  stretch: Stretch,
  condition = "true",
): Promise<number> {
  if (version === null) return 0;
  const [{ candles }] = await lake.rows<{ candles: number }>(
    `SELECT count(*)::DOUBLE AS candles FROM ${version.sql} WHERE ${inStretch(stretch)} AND ${condition}`,
    { symbol: stretch.symbol },
  );
  return candles;
}

/** The tables of windows that have closed ones in the stretch. */
async function liveTables(workspace: Workspace, lake: Lake, stretch: Stretch, target: Interval) {
  const found: CandleExplanation["live"] = [];
  for (const { interval, version } of await liveWindows(workspace, target)) {
    const windows = await countIn(lake, version, stretch, "complete");
    if (windows > 0) found.push({ table: version.manifest.table, interval, windows });
  }
  return found;
}

async function servedDays(workspace: Workspace, lake: Lake, { symbol, from, to }: Stretch) {
  const served = await readTable(workspace, "daily_filled");
  if (served === null) return [];
  return lake.rows<{ day: Day; origin: Origin }>(
    `SELECT day::VARCHAR AS day, origin FROM ${served.sql} WHERE symbol = $symbol AND ${OWN_DAYS}
      AND epoch_ms(day::TIMESTAMP) >= ${from} AND epoch_ms(day::TIMESTAMP) < ${to} ORDER BY day`,
    { symbol },
  );
}

async function noCandle(
  lake: Lake,
  { sql, manifest: { table } }: TableVersion,
  { symbol, from }: Stretch,
): Promise<Error> {
  const known = await lake.rows<{ symbol: string; first: string; last: string }>(
    `SELECT symbol, ${isoSql("min(open_time)")} AS first, ${isoSql("max(open_time)")} AS last FROM ${sql} GROUP BY symbol ORDER BY symbol`,
  );
  const mine = known.find((one) => one.symbol === symbol);
  if (mine === undefined) {
    return unknownSymbol(
      symbol,
      known.map((one) => one.symbol),
      `the table ${table}`,
    );
  }
  return inputError(
    "no_such_candle",
    `The table ${table} has no candle of ${symbol} from ${toIso(from)} on; its candles are from ${mine.first} to ${mine.last}.`,
    "Name a time in it, or load more: candlebook run.",
  );
}
