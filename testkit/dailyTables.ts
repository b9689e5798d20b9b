import { candles } from "../src/batch/candles.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { merge } from "../src/serving/merge.ts";
import { dayRow, dayRows, putTable } from "./tables.ts";

/** The tables of days and of other candles that strangers read. */
export const OPEN_TABLES = [
  "daily_batch",
  "daily_backfill",
  "streaming_output",
  "daily_filled",
  "prophet_input",
  "reconciliation",
  "candles_1w",
] as const;

/** The column of a table with its time. */
export const timeOf = (table: string) =>
  table === "prophet_input" ? "ds" : table.startsWith("candles_") ? "open_time" : "day";

/** Publishes all of them, with nulls, filled and open days, two symbols, and prices that no float of 32 bits holds. */
export async function dailyTables(workspace: Workspace): Promise<void> {
  const fine = dayRows("2024-02-20", 40).map((row, i) => ({
    ...row,
    close: row.close + 0.123456789 + i / 7,
  }));
  await putTable(workspace, "daily_batch", [...fine, ...dayRows("2024-02-25", 40, { symbol: "ETHUSDT" })]);
  await putTable(workspace, "daily_backfill", [
    dayRow("2024-02-10", 1e-8, { minutes: null, origin: "backfill", volume: 123_456_789.12345678 }),
    dayRow("2024-03-01", 111, { minutes: null, origin: "backfill" }),
  ]);
  const live = { origin: "speed" as const };
  await putTable(workspace, "streaming_output", [
    dayRow("2024-03-30", 139, live),
    dayRow("2024-04-01", 9, { ...live, open: 9, high: 9, low: 9, volume: null, minutes: 0, complete: false }),
  ]);
  await merge(workspace);
  await candles(workspace, { interval: "1w" });
}

/** A table's rows as our engine reads them, times as text, in the table's order. */
export async function plainRows(workspace: Workspace, table: string): Promise<Record<string, unknown>[]> {
  const version = await readTable(workspace, table);
  const time = timeOf(table);
  const rows = await withLake(workspace, {}, (lake) =>
    lake.rows<Record<string, unknown>>(
      `SELECT * REPLACE (epoch_ms(${time}::TIMESTAMP)::DOUBLE AS ${time}) FROM ${version?.sql}`,
    ),
  );
  return rows.map((row) => ({ ...row, [time]: timeText(new Date(row[time] as number)) }));
}

/** An instant as a test compares it: at midnight the day alone. */
export function timeText(time: Date): string {
  return time.toISOString().replace("T00:00:00.000Z", "");
}
