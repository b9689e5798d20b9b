import { appendFile, copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DailyCandle, Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { DAILY_TYPES } from "../lake/columns.ts";
import { publishTable, type Recipe } from "../lake/publish.ts";
import { filesOf } from "../lake/read.ts";
import { parquetSql, withLake } from "../lake/session.ts";
import { fillTable, writeParquetPages } from "../lake/write.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { baseOf, growingRecipe, publishGrowing } from "./growing.ts";
import { LATE_COLUMNS, POISON_COLUMNS, type StreamFacts } from "./tables.ts";
import type { DaySource } from "./windowSource.ts";

/**
 * Beside the rows of `streaming_output`: where each closed day comes from, a line of JSON each; a later line of the
 * same day stands. Readers of Parquet pass over names that begin so.
 */
const SOURCES = "_sources.jsonl";

/**
 * Publishes what the checkpoint has closed and kept aside: `streaming_output`, and `late_events` and
 * `poison_messages` where there are any. What is up to date is left alone, so that a crash between the
 * checkpoint's commit and this costs nothing: the next start publishes it. Out of the checkpoint only what is new
 * is read; what was published before is taken from there, by the engine.
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
  const recipe = (table: string, upTo: number, parameters = {}): Recipe =>
    growingRecipe(
      { table, stage: "consume", parameters, source },
      { name: "checkpoint", id: checkpoint.id, upTo },
    );
  if (changes.closed + open.length > 0) {
    const parameters = open.length > 0 ? { open } : {};
    await publishClosed(
      workspace,
      effects,
      recipe("streaming_output", changes.closed, parameters),
      checkpoint,
      open,
    );
  }
  if (changes.late > 0) {
    const late = recipe("late_events", changes.late);
    await publishGrowing(workspace, effects, late, LATE_COLUMNS, checkpoint.late);
  }
  if (changes.poison > 0) {
    const poison = recipe("poison_messages", changes.poison);
    await publishGrowing(workspace, effects, poison, POISON_COLUMNS, checkpoint.poison);
  }
}

async function publishClosed(
  workspace: Workspace,
  effects: Effects,
  recipe: Recipe,
  checkpoint: Checkpoint,
  open: readonly DailyCandle[],
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
      await fillTable(lake, "was_open", DAILY_TYPES, wasOpen);
      const before =
        base === null
          ? ""
          : `UNION ALL SELECT * FROM ${parquetSql(filesOf(base))} AS held
             WHERE NOT EXISTS (FROM draft WHERE draft.symbol = held.symbol AND draft.day = held.day)
               AND NOT EXISTS (FROM was_open WHERE was_open.symbol = held.symbol AND was_open.day = held.day)`;
      const sorted = (draft: string) => `(SELECT * FROM ${draft} ${before} ORDER BY symbol, day)`;
      return writeParquetPages(lake, join(folder, "part-0.parquet"), DAILY_TYPES, pages(), sorted);
    });
    for (const page of checkpoint.closed(base?.upTo ?? -1))
      await appendFile(file, linesOf(checkpoint.sources(page)));
    const facts: StreamFacts = { topic: checkpoint.topic() ?? "", days: checkpoint.sources(open) };
    return { rows, facts: { ...facts } };
  });
}

const linesOf = (days: readonly DaySource[]) => days.map((day) => `${JSON.stringify(day)}\n`).join("");
