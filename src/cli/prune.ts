import type { Command } from "commander";
import type { Workspace } from "../core/workspace.ts";
import { withoutNeeded } from "../forecasting/neededInput.ts";
import { type PrunePlan, planPrune, pruneTable } from "../lake/history/prune.ts";
import { unknownTable } from "../lake/unknownTable.ts";
import type { EpochMs } from "../time/epoch.ts";
import { attach, type Shell } from "./shell.ts";
import { duration } from "./streamOptions.ts";
import { textTable } from "./table.ts";

type Options = { olderThan: string; table?: string; withDiary?: boolean; dryRun?: boolean };

export function registerPrune(program: Command, shell: Shell): void {
  const command = program
    .command("prune")
    .description("removal of old versions of tables; the published ones stay, and those that the diary needs")
    .requiredOption(
      "--older-than <time>",
      "age of the versions to remove, since they were replaced, such as 90d",
    )
    .option("--table <table>", "table to prune (default: all)")
    .option(
      "--with-diary",
      "removal of versions that forecasts of the diary can only be made again from, too",
    )
    .option("--dry-run", "the plan only");
  attach<Options>(
    shell,
    command,
    "candlebook prune --older-than 90d --dry-run",
    async (workspace, { olderThan, table, withDiary, dryRun }, effects) => {
      const since = (workspace.clock() - duration("--older-than", olderThan)) as EpochMs;
      const tables = [];
      for (const plan of await plansFor(workspace, since, table)) {
        const allowed = withDiary ? plan : await withoutNeeded(workspace, plan, effects);
        if (!dryRun) await pruneTable(workspace, allowed);
        tables.push({ ...allowed, needed: plan.remove - allowed.remove });
      }
      const shown = tables.map(({ versions, remove, needed, ...row }) => ({
        table: row.table,
        versions,
        [dryRun ? "to remove" : "removed"]: remove,
        "kept for the diary": needed,
      }));
      return {
        json: { dryRun: dryRun ?? false, tables },
        text: textTable(shown) || "No table has versions yet.",
      };
    },
  );
}

async function plansFor(
  workspace: Workspace,
  since: EpochMs,
  table: string | undefined,
): Promise<PrunePlan[]> {
  const plans = await planPrune(workspace, since);
  const names = plans.map((plan) => plan.table);
  if (table !== undefined && !names.includes(table)) throw unknownTable(table, names);
  return plans.filter((plan) => table === undefined || plan.table === table);
}
