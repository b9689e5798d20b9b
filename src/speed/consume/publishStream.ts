import { appendFile, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DailyCandle, Source } from "../../candle/candle.ts";
import type { Effects } from "../../core/effects.ts";
import type { Workspace } from "../../core/workspace.ts";
import { DAILY_TYPES } from "../../lake/columns.ts";
import { publishTable, type Recipe } from "../../lake/publish.ts";
import { filesOf } from "../../lake/read.ts";
import { parquetSql, withLake } from "../../lake/session.ts";
import { copyTo, fillTable } from "../../lake/write.ts";
import { appendRecipe, baseOf, publishAppended } from "./appendTable.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { LATE_COLUMNS, POISON_COLUMNS, type StreamFacts } from "./streamTables.ts";
import type { DaySource } from "./windowSource.ts";

/**
 * Beside the rows of `streaming_output`: the origin of each closed day, a line of JSON each; a later line of the same
 * day replaces an earlier one. Readers of Parquet skip names that begin so.
 */
const SOURCES = "_sources.jsonl";

/** What is published. */
export interface StreamTables {
  checkpoint: Checkpoint;
  source: Source;
  /** Rows of windows that are still open, to be published with the closed ones. */
  open: readonly DailyCandle[];
}

/**
 * Publishes `streaming_output`, and `late_events` and `poison_messages` where there are any. A table that is up to
 * date is not written, so that a crash between the checkpoint's commit and this costs nothing: the next start publishes
 * it. Only what is new is read from the checkpoint; the engine adds it to what was published before.
 */
export async function publishStream(
  workspace: Workspace,
  effects: Effects,
  tables: StreamTables,
): Promise<void> {
  const { checkpoint, source, open } = tables;
  const changes = checkpoint.changes();
  const recipe = (table: string, upTo: number, parameters = {}): Recipe =>
    appendRecipe(
      { table, stage: "consume", parameters, source },
      { name: "checkpoint", id: checkpoint.id, upTo },
    );
  if (changes.closed + open.length > 0) {
    const parameters = open.length > 0 ? { open } : {};
    await publishClosed(workspace, effects, recipe("streaming_output", changes.closed, parameters), tables);
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

async function publishClosed(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  { checkpoint, open }: StreamTables,
): Promise<void> {
  await publishTable(workspace, recipe, async (folder) => {
    const found = await baseOf(workspace, recipe);
    // Earlier versions kept the sources in the manifest.
    const base = found?.manifest.parts.some(({ path }) => path === SOURCES) ? found : null;
    const file = join(folder, SOURCES);
    if (base === null) await writeFile(file, "");
    else await copyFile(join(base.folder, SOURCES), file);
    const pages = function* () {
      yield* checkpoint.closed(base?.upTo ?? -1);
      yield open;
    };
    const rows = await withLake(workspace, effects, async (lake) => {
      const wasOpen = (base?.manifest.parameters.open ?? []) as DailyCandle[];
      await fillTable(lake, "was_open", DAILY_TYPES, [wasOpen]);
      await fillTable(lake, "draft", DAILY_TYPES, pages());
      const before =
        base === null
          ? ""
          : `UNION ALL SELECT * FROM ${parquetSql(filesOf(base))} AS held
             WHERE NOT EXISTS (FROM draft WHERE draft.symbol = held.symbol AND draft.day = held.day)
               AND NOT EXISTS (FROM was_open WHERE was_open.symbol = held.symbol AND was_open.day = held.day)`;
      const sorted = `(SELECT * FROM draft ${before} ORDER BY symbol, day)`;
      return copyTo(lake, sorted, join(folder, "part-0.parquet"));
    });
    for (const page of checkpoint.closed(base?.upTo ?? -1))
      await appendFile(file, linesOf(checkpoint.sources(page)));
    const facts: StreamFacts = { topic: checkpoint.topic() ?? "", days: checkpoint.sources(open) };
    return { rows, facts: { ...facts } };
  });
}

const linesOf = (days: readonly DaySource[]) => days.map((day) => `${JSON.stringify(day)}\n`).join("");
