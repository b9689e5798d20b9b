import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Workspace } from "../src/core/workspace.ts";
import type { FaultRule } from "../src/simulator/faults.ts";
import type { SimulatorOptions } from "../src/simulator/server.ts";
import { type DownloadOptions, download } from "../src/sources/download.ts";
import type { Day } from "../src/time/day.ts";
import { type Exchange, startExchange } from "./simulator.ts";
import { scratchWorkspace } from "./tables.ts";

/** An exchange of seed 6 at an instant, and an empty workspace with its clock; both end with the test. */
export async function startArchive(
  now: string,
  faults: FaultRule[] = [],
  options: Partial<SimulatorOptions> = {},
) {
  const exchange = await startExchange(Date.parse(`${now}Z`), { seed: 6, faults, ...options });
  const scratch = await scratchWorkspace();
  onTestFinished(() => rm(scratch.root, { recursive: true, force: true }));
  onTestFinished(() => exchange.simulator.close());
  const workspace: Workspace = { ...scratch, clock: exchange.clock.now };
  return { exchange, workspace };
}

/** Downloads hours of BTCUSDT from a day through another. */
export function fetchDays(
  workspace: Workspace,
  exchange: Exchange,
  days: [string, string],
  more: Partial<DownloadOptions> = {},
) {
  return download(workspace, {
    archiveUrl: exchange.simulator.archiveUrl,
    network: exchange.network,
    symbols: ["BTCUSDT"],
    from: days[0] as Day,
    to: days[1] as Day,
    interval: "1h",
    ...more,
  });
}

/** What lies among the raw files, sorted. */
export const stored = async (workspace: Workspace) =>
  (await readdir(join(workspace.root, "data", "raw", "BTCUSDT")).catch(() => [])).sort();

/** Each file's period and state. */
export const states = (files: readonly { name: string; state: string }[]) =>
  files.map(({ name, state }) => `${name.replace(/^[A-Z]+-1[mh]-/, "")} ${state}`);
