import type { Workspace } from "../src/core/workspace.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { merge } from "../src/serving/merge.ts";
import { dayRow, dayRows, putTable } from "./tables.ts";

/** The daily tables that strangers read. */
export const DAILY_TABLES = [
  "daily_batch",
  "daily_backfill",
  "streaming_output",
  "daily_filled",
  "prophet_input",
  "reconciliation",
] as const;

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
}

/** A daily table's rows as our engine reads them, days as text, in the table's order. */
export async function plainRows(workspace: Workspace, table: string): Promise<Record<string, unknown>[]> {
  const version = await readTable(workspace, table);
  const day = table === "prophet_input" ? "ds" : "day";
  return withLake(workspace, {}, (lake) =>
    lake.rows(`SELECT * REPLACE (${day}::VARCHAR AS ${day}) FROM ${version?.sql}`),
  );
}
