import type { DailyCandle, ServedDay, Source } from "../candle/candle.ts";
import { unknownSymbol } from "../candle/unknownSymbol.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { DAY_FIELDS } from "../lake/columns.ts";
import { withLake } from "../lake/session.ts";
import { requireTable } from "./served.ts";

/** A daily table: the serving table, or one of the layers that it is merged from. */
export type DailyTable =
  | "daily_filled"
  | "daily_batch"
  | "daily_backfill"
  | "streaming_output"
  | "streaming_output_batch";

export interface ReadDaysOptions {
  /** Default: all. */
  symbol?: string;
  /** `daily_filled` by default. */
  table?: DailyTable;
}

/** Days as figures take them, with whose prices they are. */
export interface DaysOfTable {
  source: Source;
  /** By symbol and day; `ma7` and `ma30` in `daily_filled` alone. */
  days: (DailyCandle & Partial<Pick<ServedDay, "ma7" | "ma30">>)[];
}

/**
 * The rows of a daily table.
 *
 * ```ts
 * const { days, source } = await readDays(workspace, { symbol: "BTCUSDT" });
 * await show(candleChart(days, { source, last: "90d" }));
 * ```
 * @throws CandlebookError `no_such_table` where it is not published, `unknown_symbol` where it has no such symbol
 */
export async function readDays(
  workspace: Workspace,
  { symbol, table = "daily_filled" }: ReadDaysOptions = {},
  effects: Effects = {},
): Promise<DaysOfTable> {
  const version = await requireTable(workspace, table);
  const { rows, symbols } = await withLake(workspace, effects, async (lake) => ({
    rows: await lake.rows<DaysOfTable["days"][number]>(
      `SELECT ${DAY_FIELDS}
       FROM ${version.sql} WHERE $symbol IS NULL OR symbol = $symbol ORDER BY symbol, day`,
      { symbol: symbol ?? null },
    ),
    symbols: await lake.rows<{ symbol: string }>(
      `SELECT DISTINCT symbol FROM ${version.sql} ORDER BY symbol`,
    ),
  }));
  if (symbol !== undefined && rows.length === 0) {
    const known = symbols.map((row) => row.symbol);
    throw unknownSymbol(symbol, known, `the table ${table}`);
  }
  return { source: version.manifest.source, days: rows };
}
