import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { checkColumns, DAILY_TYPES } from "../lake/columns.ts";
import type { TableVersion } from "../lake/read.ts";
import { type Lake, withLake } from "../lake/session.ts";
import { RESULT_STATEMENTS, type ResultName, resultViews } from "./resultsSql.ts";
import { requireServed } from "./served.ts";

/** The columns of each file, with their types. Percentages are per cent: 1.5 is 1.5 %. */
export interface ResultRows {
  /** The ten days with the largest change from open to close, up or down. */
  top_days_by_change: {
    symbol: string;
    rank: number;
    day: string;
    open: number;
    close: number;
    change_percent: number;
  }[];
  top_days_by_volume: { symbol: string; rank: number; day: string; volume: number; close: number }[];
  mean_volume_by_month: { symbol: string; month: string; days: number; mean_volume: number | null }[];
  /** Mean of the daily returns, and the return over the year's days that have one. */
  mean_return_by_year: {
    symbol: string;
    year: number;
    days: number;
    mean_return_percent: number | null;
    year_return_percent: number | null;
  }[];
  /** Pearson's, of daily log returns on the days that both symbols have; `year` is `all` or a year; from 30 days on. */
  correlation: {
    symbol_a: string;
    symbol_b: string;
    year: string;
    days: number;
    correlation: number | null;
  }[];
  /** The same over the last 90 such days, from the 90th on. */
  rolling_correlation: { symbol_a: string; symbol_b: string; day: string; correlation: number | null }[];
  /** From the close of the day before; null where that day has no row. */
  returns: { symbol: string; day: string; close: number; return_percent: number | null }[];
  /** Below the highest close so far. */
  drawdown: { symbol: string; day: string; close: number; peak: number; drawdown_percent: number }[];
  /** Standard deviation of the last 30 daily log returns × √365; null until there are 30 in a row. */
  volatility: { symbol: string; day: string; volatility_percent: number | null }[];
}

/**
 * The rows of one of the answers, from the timeline as it is published now.
 * @throws CandlebookError `nothing_served` (exit 2)
 */
export async function resultRows<Name extends ResultName>(
  workspace: Workspace,
  name: Name,
  effects: Effects = {},
): Promise<ResultRows[Name]> {
  const served = await requireServed(workspace);
  return withLake(workspace, effects, async (lake) => {
    await openViews(lake, served);
    return (await lake.rows(RESULT_STATEMENTS[name])) as ResultRows[Name];
  });
}

/** The views that the statements read. */
export async function openViews(lake: Lake, served: TableVersion): Promise<void> {
  await checkColumns(lake, served, DAILY_TYPES);
  for (const view of resultViews(served.sql)) await lake.run(view);
}
