import type { DailyCandle } from "../../candle/candle.ts";
import type { Effects } from "../../core/effects.ts";
import type { Workspace } from "../../core/workspace.ts";
import { DAILY_TYPES } from "../../lake/columns.ts";
import type { Published, Recipe } from "../../lake/publish.ts";
import { publishRows } from "../../lake/publishRows.ts";
import type { Columns } from "../../lake/write.ts";
import type { DaySource } from "./windowSource.ts";

export const LATE_COLUMNS: Columns = {
  type: "VARCHAR",
  symbol: "VARCHAR",
  open_time: "BIGINT",
  open: "DOUBLE",
  high: "DOUBLE",
  low: "DOUBLE",
  close: "DOUBLE",
  volume: "DOUBLE",
  quote_volume: "DOUBLE",
  trades: "BIGINT",
  taker_base: "DOUBLE",
  taker_quote: "DOUBLE",
  final: "BOOLEAN",
  event_time: "BIGINT",
  window_day: "DATE",
  watermark: "BIGINT",
  topic: "VARCHAR",
  partition: "INTEGER",
  offset: "BIGINT",
};

export const POISON_COLUMNS: Columns = {
  topic: "VARCHAR",
  partition: "INTEGER",
  offset: "BIGINT",
  reason: "VARCHAR",
  raw: "VARCHAR",
};

/** What the manifest of a table of the speed layer holds about the origin of its days. */
export interface StreamFacts {
  topic: string;
  days: DaySource[];
}

/** Publishes daily rows as a table of the speed layer, sorted by symbol and day. */
export function publishDays(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  { days, facts }: { days(): DailyCandle[]; facts?(): StreamFacts },
): Promise<Published> {
  const pages = () => [days().sort((a, b) => order(a.symbol, b.symbol) || order(a.day, b.day))];
  return publishRows(workspace, effects, recipe, { columns: DAILY_TYPES, pages, facts });
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
