import { join } from "node:path";
import type { DailyCandle } from "../../candle/candle.ts";
import type { Effects } from "../../core/effects.ts";
import type { Workspace } from "../../core/workspace.ts";
import { DAILY_TYPES, DAY_FIELDS, FIGURE_TYPES } from "../../lake/columns.ts";
import { type Published, publishTable, type Recipe } from "../../lake/publish.ts";
import { type Lake, withLake } from "../../lake/session.ts";
import { type Columns, copyTo, fillTable } from "../../lake/write.ts";
import type { Interval } from "../../time/interval.ts";
import {
  candleOfRow,
  dayOfWindow,
  WINDOW_TYPES,
  type WindowCandle,
  type WindowRow,
  windowOfDay,
  windowRow,
} from "./windowCandle.ts";
import type { DaySource } from "./windowSource.ts";

export const LATE_COLUMNS: Columns = {
  type: "VARCHAR",
  symbol: "VARCHAR",
  candle_interval: "VARCHAR",
  open_time: "BIGINT",
  ...FIGURE_TYPES,
  final: "BOOLEAN",
  event_time: "BIGINT",
  window_interval: "VARCHAR",
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

/** How the windows of a length are published. */
export interface WindowTable {
  columns: Columns;
  /** With the symbol it identifies a row. */
  key: "day" | "open_time";
  row(candle: WindowCandle): object;
  /** The published columns of a table with `columns`, for a SELECT list. */
  select: string;
}

const DAY_TABLE: WindowTable = { columns: DAILY_TYPES, key: "day", row: dayOfWindow, select: "*" };
const CANDLE_TABLE: WindowTable = {
  columns: WINDOW_TYPES,
  key: "open_time",
  row: windowRow,
  select: "* REPLACE (make_timestamptz(open_time * 1000) AS open_time)",
};

export function windowTable(length: Interval): WindowTable {
  return length === "1d" ? DAY_TABLE : CANDLE_TABLE;
}

/** The candles of a published table of windows. */
export async function publishedWindows(lake: Lake, sql: string, length: Interval): Promise<WindowCandle[]> {
  if (length === "1d") {
    const days = await lake.rows<DailyCandle>(`SELECT ${DAY_FIELDS} FROM ${sql}`);
    return days.map(windowOfDay);
  }
  const fields = "* REPLACE (epoch_ms(open_time)::DOUBLE AS open_time, trades::DOUBLE AS trades)";
  const rows = await lake.rows<WindowRow>(`SELECT ${fields} FROM ${sql}`);
  return rows.map((row) => candleOfRow(row, length));
}

/** Publishes the rows of windows of a length as a table of the speed layer, sorted by symbol and time. */
export function publishWindows(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  { length, rows, facts }: { length: Interval; rows(): readonly object[]; facts?(): StreamFacts },
): Promise<Published> {
  const { columns, key, select } = windowTable(length);
  return publishTable(workspace, recipe, async (folder) => {
    const file = join(folder, "part-0.parquet");
    const count = await withLake(workspace, effects, async (lake) => {
      await fillTable(lake, "draft", columns, [rows()]);
      return copyTo(lake, `(SELECT ${select} FROM draft ORDER BY symbol, "${key}")`, file);
    });
    return { rows: count, facts: { ...facts?.() } };
  });
}
