import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { readTable } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import { writeCsv } from "../lake/write.ts";
import { openViews } from "./resultRows.ts";
import { gapsCsvSql, RESULT_STATEMENTS } from "./resultsSql.ts";
import { requireServed } from "./served.ts";

const STAGE_VERSION = 1;

export interface ResultsResult {
  /** The folder `results` with its CSV files. */
  published: Published;
  /** Their names. */
  files: string[];
  skipped: boolean;
}

/**
 * Answers the fixed questions from `daily_filled`, without filled and open days, and publishes the answers as
 * CSV files in `data_analysis/results`; the list of gaps too, where there is one.
 * @throws CandlebookError `nothing_served` (exit 2)
 */
export async function results(workspace: Workspace, effects: Effects = {}): Promise<ResultsResult> {
  const served = await requireServed(workspace);
  const gaps = await readTable(workspace, "gaps");
  const recipe: Recipe = {
    table: "results",
    stage: "results",
    parameters: { version: STAGE_VERSION },
    inputs: [served, ...(gaps === null ? [] : [gaps])].map(({ manifest }) => ({
      name: manifest.table,
      version: manifest.id,
    })),
    source: served.manifest.source,
  };
  const published = await publishTable(workspace, recipe, async (folder) => {
    effects.progress?.({ stage: "results", note: "writing the answers" });
    return withLake(workspace, effects, async (lake) => {
      const statements: Record<string, string> = {
        ...RESULT_STATEMENTS,
        ...(gaps === null ? {} : { gaps: gapsCsvSql(gaps.sql) }),
      };
      await openViews(lake, served);
      let rows = 0;
      for (const [name, statement] of Object.entries(statements)) {
        const columns = await lake.rows<{ column_name: string }>(`DESCRIBE ${statement}`);
        const answer = await lake.rows<Record<string, unknown>>(statement);
        const names = columns.map((column) => column.column_name);
        await writeCsv(join(folder, `${name}.csv`), names, answer);
        rows += answer.length;
      }
      return { rows };
    });
  });
  const files = published.manifest.parts.map(({ path }) => path);
  return { published, files, skipped: published.skipped };
}
