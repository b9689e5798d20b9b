import type { DatabaseSync } from "node:sqlite";
import type { Day } from "../../time/day.ts";
import type { DayWindow } from "./dayWindow.ts";
import { openWindowsOf, type StreamState } from "./state.ts";
import { type DaySource, daySource, emptySource, type WindowSource } from "./windowSource.ts";

/** In place of a partition's number: the minutes fetched over REST. */
const FETCHED = -1;

type Row = {
  symbol: string;
  day: number;
  partition: number;
  first: number;
  last: number;
  messages: number;
};

/** Writes the source of a window; the rows are kept when the window closes. */
export function sourceWriter(database: DatabaseSync): (window: DayWindow) => void {
  const put = database.prepare("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?)");
  return ({ symbol, start, source }) => {
    if (!source.changed) return;
    for (const [partition, { first, last, messages }] of source.partitions) {
      put.run(symbol, start, partition, first, last, messages);
    }
    if (source.fetched > 0) put.run(symbol, start, FETCHED, 0, 0, source.fetched);
  };
}

/** Loads the sources of the open windows; those of closed days, which may be thousands, are not read. */
export function loadSources(database: DatabaseSync, state: StreamState): void {
  const own = database.prepare("SELECT * FROM source WHERE symbol = ? AND day = ? ORDER BY partition");
  for (const { symbol, start, source } of openWindowsOf(state)) {
    for (const row of own.all(symbol, start) as Row[]) addRow(source, row);
  }
}

/** The sources of days, closed or open; days of unknown source are left out. */
export function daySources(
  database: DatabaseSync,
  days: readonly { symbol: string; day: Day }[],
): DaySource[] {
  const own = database.prepare("SELECT * FROM source WHERE symbol = ? AND day = ? ORDER BY partition");
  return days.flatMap(({ symbol, day }) => {
    const rows = own.all(symbol, Date.parse(day)) as Row[];
    if (rows.length === 0) return [];
    const source = emptySource();
    for (const row of rows) addRow(source, row);
    return daySource(symbol, day, source);
  });
}

function addRow(source: WindowSource, { partition, first, last, messages }: Row): void {
  if (partition === FETCHED) source.fetched = messages;
  else source.partitions.set(partition, { first, last, messages });
}
