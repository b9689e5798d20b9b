import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readManifest } from "../lake/manifest.ts";
import { readTable } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import type { Day } from "../time/day.ts";

/** What the serving table holds of one symbol. */
export interface SymbolStatus {
  symbol: string;
  firstDay: Day;
  lastDay: Day;
  days: number;
  /** Minutes that the days are made of; days known as daily candles count none. */
  minutes: number;
  /** Days by origin. */
  origins: Record<string, number>;
  source: Source;
}

export interface TableStatus {
  table: string;
  rows: number;
  bytes: number;
  createdAt: string;
}

export interface Status {
  symbols: SymbolStatus[];
  tables: TableStatus[];
}

/** What there is, from when to when, read from manifests and the serving table. */
export async function status(workspace: Workspace, effects: Effects = {}): Promise<Status> {
  const tables: TableStatus[] = [];
  for (const table of await publishedTables(workspace)) {
    const manifest = await readManifest(workspace, table);
    if (manifest === null) continue;
    const bytes = manifest.parts.reduce((sum, part) => sum + part.bytes, 0);
    tables.push({ table, rows: manifest.rows, bytes, createdAt: manifest.createdAt });
  }
  return { symbols: await symbolStatus(workspace, effects), tables };
}

async function symbolStatus(workspace: Workspace, effects: Effects): Promise<SymbolStatus[]> {
  const served = await readTable(workspace, "daily_filled");
  if (served === null) return [];
  type Row = { symbol: string; origin: string; first: Day; last: Day; days: number; minutes: number };
  const rows = await withLake(workspace, effects, (lake) =>
    lake.rows<Row>(`SELECT symbol, origin, min(day)::VARCHAR AS first, max(day)::VARCHAR AS last,
      count(*)::INTEGER AS days, coalesce(sum(minutes), 0)::DOUBLE AS minutes
      FROM ${served.sql} GROUP BY symbol, origin ORDER BY symbol, origin`),
  );
  return [...new Set(rows.map((row) => row.symbol))].map((symbol) => {
    const mine = rows.filter((row) => row.symbol === symbol);
    return {
      symbol,
      firstDay: mine.map((row) => row.first).sort()[0],
      lastDay: mine.map((row) => row.last).sort()[mine.length - 1],
      days: mine.reduce((sum, row) => sum + row.days, 0),
      minutes: mine.reduce((sum, row) => sum + row.minutes, 0),
      origins: Object.fromEntries(mine.map((row) => [row.origin, row.days])),
      source: served.manifest.source,
    };
  });
}
