import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clean } from "../src/batch/clean.ts";
import { daily } from "../src/batch/daily.ts";
import type { InputFile } from "../src/batch/files.ts";
import { ingest } from "../src/batch/ingest.ts";
import type { Source } from "../src/candle/candle.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { forecast } from "../src/forecasting/forecast.ts";
import { forMarket, REAL_MARKET } from "../src/lake/marketClaim.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { closeGaps } from "../src/pipeline/closeGaps.ts";
import { simulatedMarket } from "../src/pipeline/simulatedMarket.ts";
import { merge } from "../src/serving/merge.ts";

const resources = { threads: 2, memory: "512MB" };

async function build(
  workspace: Workspace,
  files: readonly InputFile[],
  source: Source,
  until: "merge" | "forecast" = "forecast",
): Promise<void> {
  await ingest(workspace, { files, source });
  await clean(workspace);
  await daily(workspace);
  await closeGaps(workspace, { offline: true });
  await merge(workspace);
  if (until === "forecast") await forecast(workspace);
}

/** A workspace in a temporary folder with a person's files, from ingestion to forecast. */
export async function workspaceFrom(path: string, now: string): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), "candlebook-real-"));
  const workspace = await forMarket(await openWorkspace({ root, now, ...resources }), REAL_MARKET);
  await build(workspace, [{ path }], "csv");
  return workspace;
}

/** A workspace in a temporary folder with the simulated market, from ingestion to the stage that is named. */
export async function simulatedWorkspace(until: "merge" | "forecast" = "forecast"): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), "candlebook-simulated-"));
  const files = await simulatedMarket(await openWorkspace({ root, ...resources }));
  const workspace = await openWorkspace({ root, ...resources });
  await build(workspace, files, "simulated", until);
  return workspace;
}
