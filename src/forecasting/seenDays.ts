import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Series } from "../forecast/forecaster.ts";
import type { KnownVersion } from "../lake/history/versions.ts";
import { readRows } from "../lake/session.ts";
import type { Day } from "../time/day.ts";
import { dataHash } from "./inputSeries.ts";

/** The days that a forecast was made from. */
export interface SeenDays {
  symbol: string;
  cutoff: Day;
  dataHash: string;
}

/** Those of the wanted days that begin the same series of a version. */
export interface FoundDays<Wanted> {
  version: KnownVersion;
  series: Series;
  found: readonly (Wanted & { count: number })[];
}

/**
 * Looks for days by their hash in versions of `forecast_input`, in the order given, until all are found.
 * @param versions those that may have them
 */
export async function* findSeenDays<Wanted extends SeenDays>(
  workspace: Workspace,
  versions: readonly KnownVersion[],
  wanted: readonly Wanted[],
  effects: Effects,
): AsyncGenerator<FoundDays<Wanted>> {
  let missing = wanted;
  for (const version of versions) {
    if (missing.length === 0) return;
    for (const series of await readSeen(workspace, version.sql, effects)) {
      const found = daysIn(series, missing);
      if (found.length === 0) continue;
      const known = new Set(found.map(({ dataHash: hash }) => hash));
      missing = missing.filter(({ dataHash: hash }) => !known.has(hash));
      yield { version, series, found };
    }
  }
}

function daysIn<Wanted extends SeenDays>(series: Series, wanted: readonly Wanted[]) {
  const hashes = new Map<Day, string>();
  return wanted.flatMap((one) => {
    const count = series.days.indexOf(one.cutoff) + 1;
    if (one.symbol !== series.symbol || count === 0) return [];
    const hash = hashes.get(one.cutoff) ?? dataHash(series, count);
    hashes.set(one.cutoff, hash);
    return hash === one.dataHash ? [{ ...one, count }] : [];
  });
}

interface SeenRow {
  symbol: string;
  ds: Day;
  open: number;
  high: number;
  low: number;
  close: number;
  variance: number | null;
  filled: boolean;
}

/** The series of a version of `forecast_input`, bit for bit those that the models saw. @param sql its table expression */
async function readSeen(workspace: Workspace, sql: string, effects: Effects): Promise<Series[]> {
  const statement = `SELECT * REPLACE (ds::VARCHAR AS ds) FROM ${sql} ORDER BY symbol, ds`;
  const rows = await readRows<SeenRow>(workspace, effects, statement);
  return [...Map.groupBy(rows, ({ symbol }) => symbol)].map(([symbol, own]) => {
    const column = (name: "open" | "high" | "low" | "close") => Float64Array.from(own, (row) => row[name]);
    return {
      symbol,
      days: own.map(({ ds }) => ds),
      ...{ open: column("open"), high: column("high"), low: column("low"), close: column("close") },
      ...(own[0].variance !== null && { variance: Float64Array.from(own, (row) => Number(row.variance)) }),
      ...(own.some(({ filled }) => filled) && {
        filled: Float64Array.from(own, (row) => Number(row.filled)),
      }),
    };
  });
}
