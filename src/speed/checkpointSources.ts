import type { DatabaseSync } from "node:sqlite";
import { dayOf } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { DayWindow } from "./dayWindow.ts";
import { openWindowsOf, type StreamState } from "./state.ts";
import { type DaySource, daySource, emptySource, type WindowSource } from "./windowSource.ts";

/** In the place of a partition's number: the minutes that REST brought. */
const FETCHED = -1;

type Row = {
  symbol: string;
  day: number;
  partition: number;
  first: number;
  last: number;
  messages: number;
};

/** Writes where a window's content came from; the rows stay when the window closes. */
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

/** Gives the open windows what is known of where they came from. */
export function loadSources(database: DatabaseSync, state: StreamState): void {
  const known = readSources(database);
  for (const window of openWindowsOf(state)) {
    window.source = known.get(`${window.symbol} ${window.start}`)?.source ?? window.source;
  }
}

/** Of every day that the checkpoint knows, closed ones and open ones. */
export function daySources(database: DatabaseSync): DaySource[] {
  const sources = [...readSources(database).values()];
  return sources.map(({ symbol, day, source }) => daySource(symbol, dayOf(day as EpochMs), source));
}

function readSources(
  database: DatabaseSync,
): Map<string, { symbol: string; day: number; source: WindowSource }> {
  const rows = database.prepare("SELECT * FROM source ORDER BY symbol, day, partition").all();
  const sources = new Map<string, { symbol: string; day: number; source: WindowSource }>();
  for (const { symbol, day, partition, first, last, messages } of rows as Row[]) {
    const key = `${symbol} ${day}`;
    const entry = sources.get(key) ?? { symbol, day, source: emptySource() };
    sources.set(key, entry);
    if (partition === FETCHED) entry.source.fetched = messages;
    else entry.source.partitions.set(partition, { first, last, messages });
  }
  return sources;
}
