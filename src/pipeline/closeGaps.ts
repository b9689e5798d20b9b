import { clean } from "../batch/clean.ts";
import { daily } from "../batch/daily.ts";
import { ingest } from "../batch/ingest.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { type BackfillOptions, type BackfillResult, backfill } from "../sources/backfill.ts";
import { withExchange } from "./withExchange.ts";

export type CloseGapsOptions = Omit<BackfillOptions, "network" | "restUrl"> & {
  /** Default: the environment's `CANDLEBOOK_REST_URL`, else the exchange's own. */
  restUrl?: string;
};

export interface CloseGapsResult extends BackfillResult {
  /** No gap was requested, and nothing changed. */
  skipped: boolean;
}

/**
 * Finds gaps, requests them from the exchange, and runs ingest, clean and daily on the result, so that `daily_batch`
 * has the minutes and `gaps` the labels. A simulated workspace uses its own simulated exchange. If the exchange
 * fails, the data received before are still processed, and the failure is thrown afterwards.
 * @throws the errors of `backfill` and the stages
 */
export async function closeGaps(
  workspace: Workspace,
  options: CloseGapsOptions = {},
  effects: Effects = {},
): Promise<CloseGapsResult> {
  const takeIn = async () => {
    await ingest(workspace, { files: [] }, effects);
    await clean(workspace, {}, effects);
    return daily(workspace, {}, effects);
  };
  return withExchange(workspace, options, async ({ restUrl, network }) => {
    let result: BackfillResult;
    try {
      result = await backfill(workspace, { ...options, restUrl, network }, effects);
    } catch (error) {
      const some = error instanceof CandlebookError && (error.exit === 3 || error.code === "no_such_symbol");
      if (some) await takeIn();
      throw error;
    }
    if (options.dryRun) return { ...result, skipped: true };
    const { skipped } = await takeIn();
    const unchanged = [result.daily, result.labels].every((table) => table?.skipped ?? true);
    return { ...result, skipped: skipped && unchanged };
  });
}
