import type { InputFile } from "../batch/files.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { forMarket, REAL_MARKET, simulatedSeedOf } from "../lake/marketClaim.ts";
import { type DownloadResult, download } from "../sources/download.ts";
import { yesterday } from "../sources/histories.ts";
import { firstAskedDay, readJournal } from "../sources/journal.ts";
import { readLocalArchive } from "../sources/localArchive.ts";
import { forgetUnfinished, readUnfinished, type Unfinished, writeUnfinished } from "../sources/unfinished.ts";
import { addDays, type Day } from "../time/day.ts";
import { addresses } from "../venues/addresses.ts";
import { type Network, systemNetwork } from "../venues/http.ts";
import { venue } from "../venues/registry.ts";
import type { Interval } from "../venues/venueInterval.ts";

/** The default symbols. */
export const DEFAULT_SYMBOLS: readonly string[] = ["BTCUSDT", "ETHUSDT"];

export interface ArchiveOptions {
  /** Default: those that were downloaded before, else BTCUSDT and ETHUSDT. */
  symbols?: readonly string[];
  /** Default: the first day that was downloaded before, else twelve months ago. */
  from?: Day;
  /** Default: yesterday, UTC. */
  to?: Day;
  interval?: Interval;
  parallel?: number;
  dryRun?: boolean;
  /** Default: the environment's `CANDLEBOOK_ARCHIVE_URL`, else the exchange's own. */
  archiveUrl?: string;
  network?: Network;
}

export interface ArchiveResult extends DownloadResult {
  /** The workspace, bound to the archive's market by its first table. */
  workspace: Workspace;
  symbols: readonly string[];
  from: Day;
  to: Day;
  /** For `ingest`, with source `binance`. */
  inputs: InputFile[];
}

/**
 * Checks that the public archive responds: one request, a few seconds at most.
 * @returns the seed of a simulated exchange, null for the real one
 * @throws CandlebookError `archive_unreachable` (exit 3)
 */
export async function archiveAnswers(
  options: Pick<ArchiveOptions, "archiveUrl" | "network"> = {},
  effects: Effects = {},
): Promise<number | null> {
  return venue.archive.check(addresses(options).archiveUrl, options.network ?? systemNetwork, effects.signal);
}

/**
 * Updates the public archive's files in a workspace. The first file binds an empty workspace to the archive's market:
 * the real one, or that of a simulated exchange, whose *now* the workspace then uses.
 * @throws what `archiveAnswers` and `download` throw; CandlebookError `mixed_markets`
 */
export async function archiveSource(
  workspace: Workspace,
  options: ArchiveOptions = {},
  effects: Effects = {},
): Promise<ArchiveResult> {
  const archived = await readLocalArchive(workspace);
  const { interval = "1m", network, parallel, dryRun } = options;
  const { archiveUrl } = addresses(options);
  const names = [...archived.keys()].filter((name) => name.includes(`-${interval}-`));
  const broken = await readUnfinished(workspace, interval);
  const before = [...new Set([...names.map((name) => name.split("-")[0]), ...(broken?.symbols ?? [])])];
  const symbols = options.symbols ?? (before.length > 0 ? before : DEFAULT_SYMBOLS);
  const to = options.to ?? yesterday(workspace);
  // If the archive had nothing and REST returned all, the range is that of the previous run.
  const begun = [firstDay(names), broken?.from ?? null].filter((day) => day !== null).sort()[0];
  const from = options.from ?? begun ?? firstAskedDay(await readJournal(workspace)) ?? yearBefore(to);
  const seed =
    archived.size === 0 ? await archiveAnswers(options, effects) : await simulatedSeedOf(workspace);
  const wanted = { archiveUrl, symbols, from, to, interval, network, parallel, dryRun };
  const outcome = (own: Workspace, result: DownloadResult): ArchiveResult => {
    const inputs = result.paths.map((path) => ({ path: inWorkspace(own, path) }));
    return { ...result, workspace: own, symbols, from, to, inputs };
  };
  if (dryRun) return outcome(workspace, await download(workspace, wanted, effects));
  const own = await forMarket(
    workspace,
    seed === null ? REAL_MARKET : { schema: 1, market: "simulated", seed, now: workspace.clock() },
  );
  await writeUnfinished(workspace, { interval, symbols: [...symbols], from });
  try {
    const result = await download(own, wanted, effects);
    await forgetUnfinished(workspace);
    return outcome(own, result);
  } catch (error) {
    // A download that failed without a file is not resumed; one that was killed, or stored files, is.
    const brought = (await readLocalArchive(workspace)).size > archived.size;
    const failed = error instanceof CandlebookError && error.code !== "interrupted";
    if (failed && !brought) await restoreUnfinished(workspace, broken);
    throw error;
  }
}

async function restoreUnfinished(workspace: Workspace, before: Unfinished | null): Promise<void> {
  if (before === null) await forgetUnfinished(workspace);
  else await writeUnfinished(workspace, before);
}

/** The first day in the names of the files, `BTCUSDT-1m-2025-05` or `BTCUSDT-1m-2025-05-20`. */
function firstDay(names: readonly string[]): Day | null {
  const days = names.map((name) => {
    const [, , year, month, day = "01"] = name.split("-");
    return `${year}-${month}-${day}`;
  });
  return (days.sort()[0] as Day | undefined) ?? null;
}

/** Twelve whole months and the days of the current one. */
function yearBefore(to: Day): Day {
  const [year, month] = addDays(to, 1).split("-").map(Number);
  return `${year - 1}-${String(month).padStart(2, "0")}-01` as Day;
}
