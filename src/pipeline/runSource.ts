import type { InputFile } from "../batch/files.ts";
import { readRawManifest } from "../batch/rawManifest.ts";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { forMarket, REAL_MARKET, readClaim } from "../lake/marketClaim.ts";
import { openWorkspace } from "../lake/openWorkspace.ts";
import { startOverRest } from "../sources/startOverRest.ts";
import type { Day } from "../time/day.ts";
import { type ArchiveResult, archiveSource } from "./archiveSource.ts";
import { SIMULATED_SEED, simulatedMarket } from "./simulatedMarket.ts";
import { withExchange } from "./withExchange.ts";

/** The source of a run's candles. Default: the workspace's own; in an empty workspace the public archive. */
export interface SourceChoice {
  /** The user's files; they replace those of the previous run. */
  files?: readonly InputFile[];
  /** The exchange's public archive. */
  archive?: boolean;
  /** The simulated market. */
  simulated?: boolean;
  /** In an empty workspace, if the archive can't be reached: the simulated market, in `simulated/` below it. */
  orSimulated?: boolean;
  /** Symbols and days of the archive; see `archiveSource` for the defaults. */
  symbols?: readonly string[];
  from?: Day;
  to?: Day;
  archiveUrl?: string;
  /** Base address of REST, for the minutes of symbols without a file in the archive. */
  restUrl?: string;
}

/** The input of a run. */
export interface ChosenSource {
  workspace: Workspace;
  /** For `ingest`; empty: the files of the previous run. */
  files: readonly InputFile[];
  source: Source;
  remarks: string[];
}

/**
 * Chooses the input of a run: the workspace is refused, or bound to the source's market with its first rows. The
 * archive's files are updated.
 * @throws CandlebookError `two_sources`, `mixed_markets` (exit 2); `archive_unreachable` (exit 3) and the errors of a
 *   download
 */
export async function chooseSource(
  workspace: Workspace,
  choice: SourceChoice,
  effects: Effects,
): Promise<ChosenSource> {
  const { files = [], archive = false, simulated = false, orSimulated = false } = choice;
  if ([files.length > 0, archive, simulated].filter(Boolean).length > 1) {
    throw inputError(
      "two_sources",
      "More than one source was named.",
      "Name only one: files, archive or simulated.",
    );
  }
  if (files.length > 0) {
    return { workspace: await forMarket(workspace, REAL_MARKET), files, source: "csv", remarks: [] };
  }
  const claim = await readClaim(workspace);
  if (claim?.market === "simulated" && !archive) return simulatedSource(workspace, claim.seed, [], effects);
  if (simulated) return simulatedSource(workspace, SIMULATED_SEED, [], effects);
  const known = await readRawManifest(workspace);
  // A list of files that were never read does not count.
  if (known?.source === "csv" && known.files.some(({ facts }) => facts !== null) && !archive) {
    return { workspace: await forMarket(workspace, REAL_MARKET), files: [], source: "csv", remarks: [] };
  }
  try {
    const came = await archiveSource(workspace, choice, effects);
    const refused = came.files.filter(({ state }) => state === "refused");
    const remarks = refused.map(({ name, remark }) => `The archive's ${name} was refused: ${remark}`);
    const started = await withoutFiles(choice, came, effects);
    return {
      workspace: came.workspace,
      files: came.inputs,
      source: "binance",
      remarks: [...remarks, ...started],
    };
  } catch (error) {
    const unreachable = error instanceof CandlebookError && error.code === "archive_unreachable";
    if (!unreachable || !orSimulated || claim !== null) throw error;
    const own = { ...workspace, root: inWorkspace(workspace, "simulated") };
    return simulatedSource(own, SIMULATED_SEED, [error.message], effects);
  }
}

/** Fetches minutes over REST for symbols without a file in the archive. @returns remarks */
async function withoutFiles(
  { restUrl }: SourceChoice,
  { workspace, symbols, from, to, paths }: ArchiveResult,
  effects: Effects,
): Promise<string[]> {
  const bare = symbols.filter((symbol) => !paths.some((path) => path.includes(`/${symbol}/`)));
  if (bare.length === 0) return [];
  await withExchange(workspace, { restUrl }, (exchange) =>
    startOverRest(workspace, { ...exchange, symbols: bare, from, to }, effects),
  );
  return bare.map(
    (symbol) => `The archive has no valid file of ${symbol}: its minutes were fetched over REST.`,
  );
}

async function simulatedSource(
  workspace: Workspace,
  seed: number,
  why: string[],
  effects: Effects,
): Promise<ChosenSource> {
  const files = await simulatedMarket(workspace, seed, effects);
  const { root, resources } = workspace;
  // Reopened: the simulated market has its own *now*.
  const opened = await openWorkspace({ root, ...resources });
  const remarks = [...why, "SIMULATED: these are prices of a seeded simulated market, not the exchange's."];
  return { workspace: opened, files, source: "simulated", remarks };
}
