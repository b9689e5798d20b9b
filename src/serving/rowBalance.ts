import { z } from "zod";
import type { RowBalance } from "../candle/balance.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import { type Manifest, readManifest } from "../lake/manifest.ts";
import { isCurrent } from "./isCurrent.ts";

/** The row balance as the published manifests give it. */
export interface ReadRowBalance extends RowBalance {
  /** Whether the clean minutes are of the minutes that are published now; otherwise `clean` has to run first. */
  current: boolean;
}

// What the balance needs of the manifest of `<asset>_clean`; the stage that writes it keeps more.
const yearsForm = z.record(z.string(), z.object({ duplicates: z.number(), conflicts: z.number() }));

/**
 * From the rows that `ingest` read to the candles that `clean` kept, summed over all symbols.
 * @returns null where there are no minutes
 */
export async function readRowBalance(workspace: Workspace): Promise<ReadRowBalance | null> {
  const series = await publishedSeries(workspace);
  const manifestsOf = async (isClean: boolean) => {
    const own = series.filter((one) => one.isClean === isClean);
    const found = await Promise.all(own.map(({ table }) => readManifest(workspace, table)));
    return found.filter((manifest) => manifest !== null);
  };
  const minutes = await manifestsOf(false);
  const clean = await manifestsOf(true);
  if (minutes.length === 0) return null;
  const rejected = (await readManifest(workspace, "rejects"))?.rows ?? 0;
  const years = clean.flatMap(({ facts }) => Object.values(yearsForm.safeParse(facts.years).data ?? {}));
  const upToDate = (manifest: Manifest) => isCurrent(workspace, manifest);
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  return {
    in: sum(minutes.map(({ rows }) => rows)) + rejected,
    kept: sum(clean.map(({ rows }) => rows)),
    duplicates: sum(years.map(({ duplicates }) => duplicates)),
    conflicts: sum(years.map(({ conflicts }) => conflicts)),
    rejected,
    current: clean.length === minutes.length && !(await Promise.all(clean.map(upToDate))).includes(false),
  };
}
