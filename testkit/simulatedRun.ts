import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { candlebook, PROJECT } from "./candlebook.ts";

export interface SimulatedRun {
  /** The asked workspace, empty at first; the market lies in `simulated/` below it. */
  asked: string;
  root: string;
  /** What the run told. */
  json: Record<string, unknown>;
}

const CACHE = join(PROJECT, ".cache", "simulated-run");

/** The words that go from nothing to a report on the simulated market, on the Deno kernel. */
export const simulatedWords = (asked: string) => [
  ...["run", "--or-simulated", "--archive-url", "http://127.0.0.1:9"],
  ...["--kernel", "deno", "--workspace", asked, "--json", "--quiet"],
];

/**
 * The whole way from an empty folder to the report, run now; kept for `lastSimulatedRun`.
 * @throws Error with what the command said where it failed
 */
export async function freshSimulatedRun(): Promise<SimulatedRun> {
  const asked = await mkdtemp(join(tmpdir(), "candlebook-simulated-run-"));
  const { out, err, exit } = await candlebook(simulatedWords(asked));
  if (exit !== 0) throw new Error(`exit ${exit}: ${out}${err}`);
  const key = await stateOfCode();
  await rm(CACHE, { recursive: true, force: true });
  const draft = join(PROJECT, ".cache", "simulated-run.draft");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await cp(asked, join(draft, key), { recursive: true, verbatimSymlinks: true });
  await rename(draft, CACHE);
  return { asked, root: join(asked, "simulated"), json: JSON.parse(out) };
}

/** A copy of the last run where it was made by the same code and notebooks, else one that is made now. */
export async function lastSimulatedRun(): Promise<Omit<SimulatedRun, "json">> {
  const kept = join(CACHE, await stateOfCode());
  if (!existsSync(kept)) return freshSimulatedRun();
  const asked = await mkdtemp(join(tmpdir(), "candlebook-simulated-run-"));
  await cp(kept, asked, { recursive: true, verbatimSymlinks: true });
  return { asked, root: join(asked, "simulated") };
}

async function stateOfCode(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(join(PROJECT, "dist", ".stamp")));
  const notebooks = join(PROJECT, "notebooks");
  for (const name of (await readdir(notebooks)).sort()) hash.update(await readFile(join(notebooks, name)));
  return hash.digest("hex").slice(0, 16);
}
