import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import type { PrunePlan } from "../lake/history/prune.ts";
import { listVersions } from "../lake/history/versions.ts";
import { readRows } from "../lake/session.ts";
import { readDiaryTable } from "./diaryTable.ts";
import { findSeenDays, type SeenDays } from "./seenDays.ts";

/**
 * The plan without the versions of `forecast_input` that the diary needs: those with days of an entry that no later
 * version has, and the ones after them.
 * @throws CandlebookError `damaged_diary`, `damaged_history` (exit 1)
 */
export async function withoutNeeded(
  workspace: Workspace,
  plan: PrunePlan,
  effects: Effects = {},
): Promise<PrunePlan> {
  const diary = await readDiaryTable(workspace);
  if (plan.table !== "forecast_input" || plan.remove === 0 || diary === null) return plan;
  const wanted = await readRows<SeenDays>(
    workspace,
    effects,
    `SELECT DISTINCT symbol, cutoff::VARCHAR AS cutoff, data_hash AS "dataHash" FROM ${diary.sql}`,
  );
  const versions = await listVersions(workspace, plan.table);
  let { remove } = plan;
  for await (const { version } of findSeenDays(workspace, versions.toReversed(), wanted, effects)) {
    remove = Math.min(remove, versions.indexOf(version));
  }
  return { ...plan, remove };
}
