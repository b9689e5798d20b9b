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
  /** No hole was asked for, and nothing changed. */
  skipped: boolean;
}

/**
 * Looks for holes, asks the exchange for them, and brings what came through ingest, clean and daily, so that
 * `daily_batch` has the minutes and `gaps` the labels. A simulated workspace asks its own simulated exchange.
 * Where the exchange fails, what came before is taken in all the same, and the failure is thrown then.
 * @throws what `backfill` and the stages throw
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
