import { appendFile, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Source } from "../../candle/candle.ts";
import type { Effects } from "../../core/effects.ts";
import type { Workspace } from "../../core/workspace.ts";
import { publishTable, type Recipe } from "../../lake/publish.ts";
import { filesOf } from "../../lake/read.ts";
import { streamTable } from "../../lake/seriesTables.ts";
import { type Lake, parquetSql, withLake } from "../../lake/session.ts";
import { copyTo, fillTable } from "../../lake/write.ts";
import type { Interval } from "../../time/interval.ts";
import { appendRecipe, type Base, baseOf, publishAppended } from "./appendTable.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { LATE_COLUMNS, POISON_COLUMNS, type StreamFacts, windowTable } from "./streamTables.ts";
import type { WindowCandle } from "./windowCandle.ts";
import type { DaySource } from "./windowSource.ts";

/**
 * Beside the rows of `streaming_output`: the origin of each closed day, a line of JSON each; a later line of the same
 * day replaces an earlier one. Readers of Parquet skip names that begin so.
 */
const SOURCES = "_sources.jsonl";

/** Counted up whenever a table's rows have other columns: it is not appended to then. */
const FORMS: Record<string, number> = { late_events: 2 };

/** What is published. */
export interface StreamTables {
  checkpoint: Checkpoint;
  source: Source;
  /** Windows that are still open, to be published with the closed ones. */
  open: readonly WindowCandle[];
}

/**
 * Publishes the windows of each length, `streaming_output` and `streaming_output_<interval>`, and `late_events` and
 * `poison_messages` where there are any. A table that is up to date is not written, so that a crash between the
 * checkpoint's commit and this costs nothing: the next start publishes it. Only what is new is read from the
 * checkpoint; the engine adds it to what was published before.
 */
export async function publishStream(
  workspace: Workspace,
  effects: Effects,
  tables: StreamTables,
): Promise<void> {
  const { checkpoint, source } = tables;
  const changes = checkpoint.changes();
  const recipe = (table: string, upTo: number, parameters = {}): Recipe => {
    const form = FORMS[table];
    return appendRecipe(
      {
        table,
        stage: "consume",
        parameters: form === undefined ? parameters : { form, ...parameters },
        source,
      },
      { name: "checkpoint", id: checkpoint.id, upTo },
    );
  };
  for (const length of checkpoint.lengths() ?? []) {
    const upTo = checkpoint.closedChange(length);
    const open = tables.open.filter((candle) => candle.length === length);
    if (upTo + open.length === 0) continue;
    const parameters = open.length > 0 ? { open: open.map(windowTable(length).row) } : {};
    const closed = recipe(streamTable(length), upTo, parameters);
    await publishClosed(workspace, effects, closed, { checkpoint, length, open });
  }
  if (changes.late > 0) {
    const late = { columns: LATE_COLUMNS, pages: checkpoint.late };
    await publishAppended(workspace, effects, recipe("late_events", changes.late), late);
  }
  if (changes.poison > 0) {
    const poison = { columns: POISON_COLUMNS, pages: checkpoint.poison };
    await publishAppended(workspace, effects, recipe("poison_messages", changes.poison), poison);
  }
}

interface ClosedWindows extends Pick<StreamTables, "checkpoint" | "open"> {
  length: Interval;
}

async function publishClosed(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  windows: ClosedWindows,
): Promise<void> {
  const { checkpoint, length, open } = windows;
  await publishTable(workspace, recipe, async (folder) => {
    const found = await baseOf(workspace, recipe);
    // Earlier versions kept the sources in the manifest.
    const isBase = length !== "1d" || found?.manifest.parts.some(({ path }) => path === SOURCES);
    const base = isBase ? found : null;
    const rows = await withLake(workspace, effects, (lake) => writeClosed(lake, folder, base, windows));
    if (length !== "1d") return { rows };
    const file = join(folder, SOURCES);
    if (base === null) await writeFile(file, "");
    else await copyFile(join(base.folder, SOURCES), file);
    for (const page of checkpoint.closed(base?.upTo ?? -1))
      await appendFile(file, linesOf(checkpoint.sources(page)));
    const facts: StreamFacts = { topic: checkpoint.topic() ?? "", days: checkpoint.sources(open) };
    return { rows, facts: { ...facts } };
  });
}

/** Writes the rows of `base`, without those that were open, with the rows that are new. @returns how many */
async function writeClosed(
  lake: Lake,
  folder: string,
  base: Base | null,
  { checkpoint, length, open }: ClosedWindows,
): Promise<number> {
  const { columns, key, select, row } = windowTable(length);
  const pages = function* () {
    for (const page of checkpoint.closed(base?.upTo ?? -1, length)) yield page.map(row);
    yield open.map(row);
  };
  await fillTable(lake, "draft", columns, pages());
  await fillTable(lake, "was_open", columns, [(base?.manifest.parameters.open ?? []) as object[]]);
  const lacks = (table: string) =>
    `NOT EXISTS (FROM ${table} WHERE ${table}.symbol = held.symbol AND ${table}."${key}" = held."${key}")`;
  const before =
    base === null
      ? ""
      : `UNION ALL SELECT * FROM ${parquetSql(filesOf(base))} AS held WHERE ${lacks("added")} AND ${lacks("withdrawn")}`;
  const sorted = `(WITH added AS (SELECT ${select} FROM draft), withdrawn AS (SELECT ${select} FROM was_open)
    SELECT * FROM added ${before} ORDER BY symbol, "${key}")`;
  return copyTo(lake, sorted, join(folder, "part-0.parquet"));
}

const linesOf = (days: readonly DaySource[]) => days.map((day) => `${JSON.stringify(day)}\n`).join("");
