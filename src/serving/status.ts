import type { DailyCandle } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { partsAreThere, readVersion } from "../lake/manifest.ts";
import { readTable } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS } from "../time/epoch.ts";
import { type ForecastStatus, forecastStatus } from "./forecastStatus.ts";
import { type Overlap, overlapOf } from "./reconciliation.ts";
import { type LastRun, lastRun } from "./runs.ts";
import { type SeriesStatus, seriesStatus } from "./seriesStatus.ts";
import { type SymbolStatus, symbolStatus } from "./symbolStatus.ts";

export interface TableStatus {
  table: string;
  rows: number;
  bytes: number;
  createdAt: string;
  /** Why it can't be read, as an error's code; null where it can. */
  problem: string | null;
}

/** The stream as its consumer left it; `openWindows` of the speed layer gives it. */
export interface StreamStatus {
  /** The open windows, with the days' figures so far. */
  open: DailyCandle[];
  symbols: { symbol: string; interval: string; latestEvent: number | null; watermark: number | null }[];
  /** Messages that were still to be read. */
  lag: number;
  /** How each symbol's way into the topic fares, as the workspace's producer told last. */
  producers?: readonly { symbol: string; reconnects: number; repaired: number; owed: number }[];
}

export interface Status {
  symbols: SymbolStatus[];
  /** The tables of candles, clean or folded: one for each of their symbols, by interval. */
  series: SeriesStatus[];
  tables: TableStatus[];
  /** Of all tables. */
  bytes: number;
  /** Null where nothing was merged yet. */
  overlap: Overlap | null;
  /** Null where nothing was consumed yet. */
  stream: StreamStatus | null;
  forecasts: ForecastStatus[];
  lastRun: LastRun | null;
}

export interface StatusOptions {
  /** Reads the stream's state; the serving layer knows no topic. */
  stream?: (workspace: Workspace) => StreamStatus;
}

/**
 * The data by symbol with their period and gaps, and the scores of the last forecast so far. Reads manifests and the small
 * tables; a damaged table is named, not read.
 */
export async function status(
  workspace: Workspace,
  { stream }: StatusOptions = {},
  effects: Effects = {},
): Promise<Status> {
  const tables = await tableStatus(workspace);
  const sound = async (name: string) =>
    tables.some(({ table, problem }) => table === name && problem === null)
      ? await readTable(workspace, name)
      : null;
  const [served, gaps, forecasts, compared] = await Promise.all(
    ["daily_filled", "gaps", "prophet_forecasts", "reconciliation"].map(sound),
  );
  const flow = await readFlow(workspace, stream, tables);
  const known =
    served === null
      ? null
      : await withLake(workspace, effects, async (lake) => ({
          symbols: await symbolStatus(lake, served.sql, gaps?.sql ?? null, served.manifest.source),
          forecasts: forecasts === null ? [] : await forecastStatus(lake, forecasts.sql, served.sql),
        }));
  return {
    symbols: known?.symbols ?? [],
    series: await seriesStatus(
      workspace,
      tables.filter(({ problem }) => problem === null).map(({ table }) => table),
    ),
    tables,
    bytes: tables.reduce((sum, table) => sum + table.bytes, 0),
    overlap: compared === null ? null : overlapOf(compared.manifest),
    stream: flow === null || flow.symbols.length === 0 ? null : flow,
    forecasts: known?.forecasts ?? [],
    lastRun: await lastRun(workspace),
  };
}

/** The stream's state; a damaged checkpoint is listed beside the tables, and the rest of the status stays. */
async function readFlow(
  workspace: Workspace,
  stream: StatusOptions["stream"],
  tables: TableStatus[],
): Promise<StreamStatus | null> {
  try {
    return stream?.(workspace) ?? null;
  } catch (error) {
    if (!(error instanceof CandlebookError)) throw error;
    tables.push({ table: "(stream)", rows: 0, bytes: 0, createdAt: "", problem: error.code });
    return null;
  }
}

async function tableStatus(workspace: Workspace): Promise<TableStatus[]> {
  const names = await publishedTables(workspace);
  return Promise.all(
    names.map(async (table) => {
      try {
        const version = await readVersion(workspace, table);
        if (version === null) return { table, rows: 0, bytes: 0, createdAt: "", problem: "damaged_table" };
        const { rows, createdAt, parts } = version.manifest;
        const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
        const whole = await partsAreThere(version.folder, version.manifest);
        return { table, rows, bytes, createdAt, problem: whole ? null : "damaged_table" };
      } catch (error) {
        if (!(error instanceof CandlebookError)) throw error;
        return { table, rows: 0, bytes: 0, createdAt: "", problem: error.code };
      }
    }),
  );
}

/** A symbol whose data are older than allowed. */
export interface Stale {
  symbol: string;
  lastComplete: Day | null;
  /** Since the end of that day; null where there is none. */
  hours: number | null;
}

/**
 * The symbols whose last complete day ended longer ago than `maxAge`.
 * @param maxAge milliseconds
 */
export function staleSymbols({ symbols }: Pick<Status, "symbols">, now: number, maxAge: number): Stale[] {
  return symbols.flatMap(({ symbol, lastComplete }): Stale[] => {
    if (lastComplete === null) return [{ symbol, lastComplete, hours: null }];
    const age = now - (startOfDay(lastComplete) + DAY_MS);
    return age <= maxAge ? [] : [{ symbol, lastComplete, hours: Math.floor(age / 3_600_000) }];
  });
}
