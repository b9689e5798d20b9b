import type { InputFile } from "../batch/ingest.ts";
import { addresses } from "../binance/addresses.ts";
import { checkArchive } from "../binance/archive.ts";
import { type Network, systemNetwork } from "../binance/http.ts";
import type { Interval } from "../binance/interval.ts";
import type { Effects } from "../core/effects.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { claimMarket, simulatedSeedOf } from "../lake/source.ts";
import { type DownloadResult, download } from "../sources/download.ts";
import { yesterday } from "../sources/holes.ts";
import { firstAskedDay, readJournal } from "../sources/journal.ts";
import { readMirror } from "../sources/mirror.ts";
import { forgetUnfinished, readUnfinished, writeUnfinished } from "../sources/unfinished.ts";
import { addDays, type Day } from "../time/day.ts";

/** The symbols that are taken where nobody names any. */
export const DEFAULT_SYMBOLS: readonly string[] = ["BTCUSDT", "ETHUSDT"];

export interface ArchiveOptions {
  /** Default: those that were downloaded before, else BTCUSDT and ETHUSDT. */
  symbols?: readonly string[];
  /** Default: the first day that was downloaded before, else twelve months back. */
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
  symbols: readonly string[];
  from: Day;
  to: Day;
  /** For `ingest`, with source `binance`; empty for another interval than minutes. */
  inputs: InputFile[];
}

/**
 * Whether the public archive answers at all: one request, a few seconds at most.
 * @returns the seed of a simulated exchange, null of the real one
 * @throws CandlebookError `archive_unreachable` (exit 3)
 */
export async function archiveAnswers(
  options: Pick<ArchiveOptions, "archiveUrl" | "network"> = {},
  effects: Effects = {},
): Promise<number | null> {
  return checkArchive(addresses(options).archiveUrl, options.network ?? systemNetwork, effects.signal);
}

/**
 * Brings the public archive's files up to date in a workspace. An empty one is claimed for the archive's market: the
 * real one, or that of a simulated exchange, whose present is then that of the workspace.
 * @throws what `archiveAnswers` and `download` throw; CandlebookError `mixed_markets`
 */
export async function archiveSource(
  workspace: Workspace,
  options: ArchiveOptions = {},
  effects: Effects = {},
): Promise<ArchiveResult> {
  const mirror = await readMirror(workspace);
  const { interval = "1m", network, parallel, dryRun } = options;
  const { archiveUrl } = addresses(options);
  const names = [...mirror.keys()].filter((name) => name.includes(`-${interval}-`));
  const broken = await readUnfinished(workspace, interval);
  const before = [...new Set([...names.map((name) => name.split("-")[0]), ...(broken?.symbols ?? [])])];
  const symbols = options.symbols ?? (before.length > 0 ? before : DEFAULT_SYMBOLS);
  const to = options.to ?? yesterday(workspace);
  // Where the archive had nothing and REST gave all, the stretch is that of the time before.
  const begun = [firstDay(names), broken?.from ?? null].filter((day) => day !== null).sort()[0];
  const from = options.from ?? begun ?? firstAskedDay(await readJournal(workspace)) ?? yearBefore(to);
  const seed = mirror.size === 0 ? await archiveAnswers(options, effects) : await simulatedSeedOf(workspace);
  if (!dryRun) {
    const now = workspace.clock();
    await claimMarket(
      workspace,
      seed === null ? { schema: 1, market: "real" } : { schema: 1, market: "simulated", seed, now },
    );
    await writeUnfinished(workspace, { interval, symbols: [...symbols], from });
  }
  const result = await download(
    workspace,
    { archiveUrl, symbols, from, to, interval, network, parallel, dryRun },
    effects,
  );
  if (!dryRun) await forgetUnfinished(workspace);
  const inputs =
    interval === "1m" ? result.paths.map((path) => ({ path: inWorkspace(workspace, path) })) : [];
  return { ...result, symbols, from, to, inputs };
}

/** The first day of the files' names, `BTCUSDT-1m-2025-05` or `BTCUSDT-1m-2025-05-20`. */
function firstDay(names: readonly string[]): Day | null {
  const days = names.map((name) => {
    const [, , year, month, day = "01"] = name.split("-");
    return `${year}-${month}-${day}`;
  });
  return (days.sort()[0] as Day | undefined) ?? null;
}

/** Twelve whole months and the days of the present one. */
function yearBefore(to: Day): Day {
  const [year, month] = addDays(to, 1).split("-").map(Number);
  return `${year - 1}-${String(month).padStart(2, "0")}-01` as Day;
}
