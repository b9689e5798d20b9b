import type { DailyCandle, ServedDay } from "../candle/candle.ts";
import { parseSymbol } from "../candle/symbol.ts";
import { unknownSymbol } from "../candle/unknownSymbol.ts";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { DAY_FIELDS } from "../lake/columns.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import type { SeriesTable } from "../lake/seriesTables.ts";
import { type Lake, withLake } from "../lake/session.ts";
import { addDays, type Day, parseDay, startOfDay } from "../time/day.ts";
import { dayText } from "./dayText.ts";
import { type Difference, type Explanation, servingLayer } from "./explanation.ts";
import { type LayerName, readLayers } from "./layers.ts";
import { dailyAnswer, restRequests, topicOrigin } from "./origins.ts";
import { fileShares, gapsIn, hashesOf, stageVersions, tablesOf } from "./provenance.ts";
import { requireServed } from "./served.ts";

/**
 * Where the served row of a symbol and day comes from: layers, raw files with their SHA-256, gaps, versions.
 * @param day `YYYY-MM-DD`, UTC
 * @throws CandlebookError `bad_symbol`, `bad_day`, `unknown_symbol`, `day_not_served`, `nothing_served` (exit 2)
 */
export async function explain(
  workspace: Workspace,
  symbol: string,
  day: string,
  effects: Effects = {},
): Promise<Explanation> {
  const name = parseSymbol(symbol);
  const wanted = parseDay(day);
  if (wanted === null) {
    throw inputError("bad_day", `"${day.slice(0, 40)}" is no day.`, "Write it as 2021-09-29; days are UTC.");
  }
  const served = await requireServed(workspace);
  return withLake(workspace, effects, async (lake) => {
    const facts = await gather(workspace, lake, served, { symbol: name, day: wanted });
    return { ...facts, text: dayText(facts) };
  });
}

/** A row of the timeline. */
interface SymbolDay {
  symbol: string;
  day: Day;
}

async function gather(
  workspace: Workspace,
  lake: Lake,
  served: TableVersion,
  of: SymbolDay,
): Promise<Omit<Explanation, "text">> {
  const { symbol, day } = of;
  const rows = <Row>(select: string, sql: string | undefined, where: string): Promise<Row[]> =>
    sql === undefined
      ? Promise.resolve([])
      : lake.rows<Row>(`SELECT ${select} FROM ${sql} WHERE ${where}`, { ...of });
  const here = "symbol = $symbol AND day = CAST($day AS DATE)";
  const [row] = await rows<ServedDay>(DAY_FIELDS, served.sql, here);
  if (row === undefined) throw await notServed(lake, served, of);
  const layers = [];
  const known = await readLayers(workspace);
  for (const { layer, table, sql } of known) {
    const [mine] = await rows<DailyCandle>(DAY_FIELDS, sql, here);
    if (mine !== undefined) layers.push({ layer, table, row: mine });
  }
  const table = async (name: string) => (await readTable(workspace, name))?.sql;
  const [last] = await rows<{ day: Day | null }>(
    "max(day)::VARCHAR AS day",
    served.sql,
    "symbol = $symbol AND day < CAST($day AS DATE) AND origin <> 'filled'",
  );
  const [late] = await rows<{ events: number }>(
    "count(*)::INTEGER AS events",
    await table("late_events"),
    "symbol = $symbol AND CAST(window_day AS DATE) = CAST($day AS DATE)",
  );
  const { read, clean } = await tablesOf(workspace, symbol);
  const own = [...read, ...clean];
  const stretch = { symbol, from: startOfDay(day), to: startOfDay(addDays(day, 1)) };
  const serving = servingLayer({ served: row, layers });
  const version = known.find(({ layer }) => layer === serving?.layer)?.version;
  const manifest = version?.manifest;
  const files = await fileShares(workspace, lake, stretch, read);
  const answers =
    serving?.layer === "backfill" && manifest !== undefined
      ? await dailyAnswer(workspace, manifest, symbol, day)
      : hashesOf(files);
  return {
    symbol,
    day,
    source: served.manifest.source,
    served: row,
    layers,
    differences: await rows<Difference>(
      "field, layer_a, value_a, layer_b, value_b, relative, cause",
      await table("reconciliation"),
      `${here} AND cause IS NOT NULL`,
    ),
    gaps: await gapsIn(lake, await table("gaps"), stretch),
    files,
    stream: version === undefined ? null : await topicOrigin(version, symbol, day),
    requests: await restRequests(workspace, answers),
    lateEvents: late?.events ?? 0,
    carriedFrom: row.origin === "filled" ? (last?.day ?? null) : null,
    versions: await stageVersions(workspace, [
      ...(serving === undefined ? [] : CHAINS[serving.layer](own)),
      "daily_filled",
    ]),
  };
}

async function notServed(lake: Lake, served: TableVersion, { symbol, day }: SymbolDay): Promise<Error> {
  const known = await lake.rows<{ symbol: string; first: Day; last: Day }>(
    `SELECT symbol, min(day)::VARCHAR AS first, max(day)::VARCHAR AS last FROM ${served.sql}
      GROUP BY symbol ORDER BY symbol`,
  );
  const mine = known.find((one) => one.symbol === symbol);
  if (mine === undefined) {
    const symbols = known.map((one) => one.symbol);
    return unknownSymbol(symbol, symbols, "the timeline");
  }
  return inputError(
    "day_not_served",
    `The timeline of ${symbol} has no ${day}: it goes from ${mine.first} to ${mine.last}.`,
    "Name a day in it, or load more: candlebook run.",
  );
}

/** The tables that a layer's row was made through, in their order; of the batch layer with those of the own candles. */
const CHAINS: Record<LayerName["layer"], (own: readonly SeriesTable[]) => string[]> = {
  batch: (own) => [...own.map(({ table }) => table), "daily_batch"],
  backfill: () => ["daily_backfill"],
  speed: () => ["streaming_output"],
  snapshot: () => ["streaming_output_batch"],
};
