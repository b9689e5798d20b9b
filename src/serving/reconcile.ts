import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { readTable } from "../lake/read.ts";
import { type Lake, literal, withLake } from "../lake/session.ts";
import { DAILY_FORMAT } from "../lake/write.ts";
import type { Layer } from "./layers.ts";
import { reconcileSql } from "./reconcileSql.ts";
import { CAUSES, type Overlap, type OverlapCounts, overlapOf } from "./reconciliation.ts";

const STAGE_VERSION = 1;

/**
 * Compares the days that two layers know, field by field, and publishes `reconciliation`. Equal are values within
 * 1e-9 of each other, relative: sums of volumes made elsewhere differ by that. The demo reader's snapshot is left
 * out.
 * @param base source of the recipe
 */
export async function reconcile(
  workspace: Workspace,
  base: Pick<Recipe, "source">,
  layers: readonly Layer[],
  effects: Effects,
): Promise<{ published: Published; overlap: Overlap }> {
  const compared = layers.filter(({ layer }) => layer !== "snapshot");
  const late = await readTable(workspace, "late_events");
  const versions = [...compared.map(({ version }) => version), ...(late === null ? [] : [late])];
  const recipe: Recipe = {
    table: "reconciliation",
    stage: "merge",
    parameters: { version: STAGE_VERSION },
    inputs: versions.map(({ manifest }) => ({ name: manifest.table, version: manifest.id })),
    source: base.source,
  };
  const published = await publishTable(workspace, recipe, async (folder) => {
    effects.progress?.({ stage: "merge", note: "reconciling the layers" });
    const file = literal(join(folder, "part-0.parquet"));
    return withLake(workspace, effects, async (lake) => {
      const select = reconcileSql(compared, late?.manifest.rows ? late.sql : null);
      await lake.run(`COPY (${select}) TO ${file} (${DAILY_FORMAT})`);
      const [{ rows }] = await lake.rows<{ rows: number }>(
        `SELECT count(*)::INTEGER AS rows FROM read_parquet(${file})`,
      );
      return { rows, facts: { overlap: await summarise(lake, `read_parquet(${file})`) } };
    });
  });
  return { published, overlap: overlapOf(published.manifest) };
}

async function summarise(lake: Lake, table: string): Promise<OverlapCounts> {
  const order = CAUSES.map((cause, i) => `WHEN '${cause}' THEN ${i}`).join(" ");
  const days = await lake.rows<{ rank: number | null; days: number }>(
    `SELECT rank, count(*)::INTEGER AS days FROM (
      SELECT symbol, day, min(CASE cause ${order} END) AS rank FROM ${table} GROUP BY symbol, day
    ) GROUP BY rank ORDER BY rank`,
  );
  const [{ pairs }] = await lake.rows<{ pairs: number }>(
    `SELECT count(DISTINCT layer_a || ' ' || layer_b)::INTEGER AS pairs FROM ${table}`,
  );
  return {
    days: days.reduce((sum, row) => sum + row.days, 0),
    equal: days.find(({ rank }) => rank === null)?.days ?? 0,
    causes: Object.fromEntries(
      days.flatMap(({ rank, days: count }) => (rank === null ? [] : [[CAUSES[rank], count]])),
    ),
    pairs,
  };
}
