import { readFile } from "node:fs/promises";
import type { DailyCandle, Source } from "../candle/candle.ts";
import { exchangeDay } from "../candle/foldDay.ts";
import type { Effects } from "../core/effects.ts";
import { sha256OfFile } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { DAILY_TYPES, DAY_FIELDS } from "../lake/columns.ts";
import type { Published } from "../lake/publish.ts";
import { publishRows } from "../lake/publishRows.ts";
import { readTable } from "../lake/read.ts";
import { readRows } from "../lake/session.ts";
import { venue } from "../venues/registry.ts";
import type { Asked } from "./journal.ts";

const TABLE = "daily_backfill";
const STAGE_VERSION = 1;

/** The published daily candles; empty without the table. */
export async function readDailyCandles(workspace: Workspace, effects: Effects): Promise<DailyCandle[]> {
  const version = await readTable(workspace, TABLE);
  if (version === null) return [];
  return readRows<DailyCandle>(workspace, effects, `SELECT ${DAY_FIELDS} FROM ${version.sql}`);
}

/**
 * Publishes `daily_backfill`: the existing daily candles and those in the journal's files.
 * @returns null if the journal has none
 */
export async function publishDailyCandles(
  workspace: Workspace,
  journal: readonly Asked[],
  source: Source,
  effects: Effects,
): Promise<Published | null> {
  const entries = journal.filter(
    (entry): entry is Asked & { file: string } => entry.interval === "1d" && entry.file !== null,
  );
  if (entries.length === 0) return null;
  const inputs = await Promise.all(
    entries.map(async ({ file }) => ({
      name: file,
      version: await sha256OfFile(inWorkspace(workspace, file)),
    })),
  );
  const recipe = { table: TABLE, stage: "backfill", parameters: { version: STAGE_VERSION }, inputs, source };
  async function* pages() {
    const rows = new Map<string, DailyCandle>();
    const put = (row: DailyCandle) => rows.set(`${row.symbol} ${row.day}`, row);
    for (const row of await readDailyCandles(workspace, effects)) put(row);
    for (const { symbol, file } of entries) {
      const text = await readFile(inWorkspace(workspace, file), "utf8");
      for (const row of dailyRows(symbol, text)) put(row);
    }
    yield [...rows.keys()].sort().map((key) => rows.get(key) as DailyCandle);
  }
  return publishRows(workspace, effects, recipe, { columns: DAILY_TYPES, pages });
}

function dailyRows(symbol: string, text: string): DailyCandle[] {
  return text.split("\n").flatMap((line) => {
    const candle = venue.readLine(symbol, line);
    return candle === null ? [] : exchangeDay(candle);
  });
}
