import { join } from "node:path";
import type { DailyCandle, Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { DAILY_TYPES } from "../lake/columns.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { withLake } from "../lake/session.ts";
import { type Columns, writeParquetPages } from "../lake/write.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { DaySource } from "./windowSource.ts";

const LATE_COLUMNS: Columns = {
  type: "VARCHAR",
  symbol: "VARCHAR",
  open_time: "BIGINT",
  open: "DOUBLE",
  high: "DOUBLE",
  low: "DOUBLE",
  close: "DOUBLE",
  volume: "DOUBLE",
  trades: "BIGINT",
  final: "BOOLEAN",
  event_time: "BIGINT",
  window_day: "DATE",
  watermark: "BIGINT",
  topic: "VARCHAR",
  partition: "INTEGER",
  offset: "BIGINT",
};

const POISON_COLUMNS: Columns = {
  topic: "VARCHAR",
  partition: "INTEGER",
  offset: "BIGINT",
  reason: "VARCHAR",
  raw: "VARCHAR",
};

/** What the manifest of a table of the speed layer tells of where its days come from. */
export interface StreamFacts {
  topic: string;
  days: DaySource[];
}

/** Publishes daily rows as a table of the speed layer, sorted by symbol and day. */
export function publishDays(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  days: () => DailyCandle[],
  facts?: () => StreamFacts,
): Promise<Published> {
  const sorted = () => [days().sort((a, b) => order(a.symbol, b.symbol) || order(a.day, b.day))];
  return publishRows(workspace, effects, recipe, DAILY_TYPES, sorted, facts);
}

/** Publishes `late_events`, rows in their order, page by page. */
export function publishLate(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  pages: () => Iterable<readonly object[]>,
): Promise<Published> {
  return publishRows(workspace, effects, recipe, LATE_COLUMNS, pages);
}

/**
 * Publishes what the checkpoint has closed and kept aside: `streaming_output`, and `late_events` and
 * `poison_messages` where there are any. What is up to date is left alone, so that a crash between the
 * checkpoint's commit and this costs nothing: the next start publishes it.
 * @param open rows of windows that are still open, to be published beside the closed ones
 */
export async function publishStream(
  workspace: Workspace,
  effects: Effects,
  checkpoint: Checkpoint,
  source: Source,
  open: readonly DailyCandle[],
): Promise<void> {
  const changes = checkpoint.changes();
  const recipe = (table: string, change: number): Recipe => ({
    table,
    stage: "consume",
    parameters: {},
    inputs: [{ name: "checkpoint", version: `${checkpoint.id}:${change}` }],
    source,
  });
  if (changes.closed + open.length > 0) {
    const made = recipe("streaming_output", changes.closed);
    const parameters = open.length > 0 ? { open } : {};
    const days = () => [...checkpoint.closed(), ...open];
    const facts = () => ({ topic: checkpoint.topic() ?? "", days: checkpoint.sources() });
    await publishDays(workspace, effects, { ...made, parameters }, days, facts);
  }
  if (changes.late > 0) {
    await publishLate(workspace, effects, recipe("late_events", changes.late), () => checkpoint.late());
  }
  if (changes.poison > 0) {
    const pages = () => checkpoint.poison();
    await publishRows(workspace, effects, recipe("poison_messages", changes.poison), POISON_COLUMNS, pages);
  }
}

function publishRows<Row extends object>(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  columns: Columns,
  pages: () => Iterable<readonly Row[]>,
  facts?: () => StreamFacts,
): Promise<Published> {
  return publishTable(workspace, recipe, async (folder) => {
    const file = join(folder, "part-0.parquet");
    const rows = await withLake(workspace, effects, (lake) =>
      writeParquetPages(lake, file, columns, pages()),
    );
    return { rows, facts: { ...facts?.() } };
  });
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
