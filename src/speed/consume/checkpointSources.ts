import type { DatabaseSync } from "node:sqlite";
import { dayOf } from "../../time/day.ts";
import { openWindowsOf, type StreamState } from "./state.ts";
import type { Window } from "./window.ts";
import type { WindowCandle } from "./windowCandle.ts";
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

const OWN = "SELECT * FROM source WHERE symbol = ? AND interval = ? AND day = ? ORDER BY partition";

/** Writes the source of a day's window, others have no reader; the rows are kept when the window closes. */
export function sourceWriter(database: DatabaseSync): (window: Window) => void {
  const put = database.prepare("INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?, ?)");
  return ({ symbol, interval, length, start, source }) => {
    if (!source.changed || length !== "1d") return;
    for (const [partition, { first, last, messages }] of source.partitions) {
      put.run(symbol, interval, start, partition, first, last, messages);
    }
    if (source.fetched > 0) put.run(symbol, interval, start, FETCHED, 0, 0, source.fetched);
  };
}

/** Loads the sources of the open windows; those of closed days, which may be thousands, are not read. */
export function loadSources(database: DatabaseSync, state: StreamState): void {
  const own = database.prepare(OWN);
  for (const { symbol, interval, length, start, source } of openWindowsOf(state)) {
    if (length !== "1d") continue;
    for (const row of own.all(symbol, interval, start) as Row[]) addRow(source, row);
  }
}

/** The sources of days, closed or open; days of unknown source are left out. */
export function daySources(
  database: DatabaseSync,
  days: readonly Pick<WindowCandle, "symbol" | "interval" | "start">[],
): DaySource[] {
  const own = database.prepare(OWN);
  return days.flatMap(({ symbol, interval, start }) => {
    const rows = own.all(symbol, interval, start) as Row[];
    if (rows.length === 0) return [];
    const source = emptySource();
    for (const row of rows) addRow(source, row);
    return daySource(symbol, dayOf(start), source);
  });
}

function addRow(source: WindowSource, { partition, first, last, messages }: Row): void {
  if (partition === FETCHED) source.fetched = messages;
  else source.partitions.set(partition, { first, last, messages });
}
