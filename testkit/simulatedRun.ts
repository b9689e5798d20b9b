import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withTableLock } from "../src/lake/lock.ts";
import { openWorkspace } from "../src/lake/openWorkspace.ts";
import { candlebook, PROJECT } from "./candlebook.ts";

export interface SimulatedRun {
  /** The asked workspace, empty at first; the market lies in `simulated/` below it. */
  asked: string;
  root: string;
  /** What the run told. */
  json: Record<string, unknown>;
}

/** Times too: by them a run knows what did not change. */
const COPY = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
const CACHE = join(PROJECT, ".cache", "simulated-run");
const MOST_WAIT_MS = 600_000;

/** The words that go from nothing to a report on the simulated market, on the Deno kernel. */
export const simulatedWords = (asked: string) => [
  ...["run", "--or-simulated", "--archive-url", "http://127.0.0.1:9"],
  ...["--kernel", "deno", "--workspace", asked, "--json", "--quiet"],
];

/**
 * The whole way from an empty folder to the report, in a folder of its own: a copy of the run that the same code,
 * environment and notebooks made before, or one that is made now and kept. The dearest thing that two test files need.
 * @throws Error with what the command said where it failed
 */
export async function simulatedRun(): Promise<SimulatedRun> {
  const kept = join(CACHE, await stateOfCode());
  // One test file makes it, others wait for it.
  await withTableLock(
    await openWorkspace({ root: CACHE }),
    "run",
    async () => (existsSync(kept) ? undefined : makeRun(kept)),
    MOST_WAIT_MS,
  );
  const asked = await mkdtemp(join(tmpdir(), "candlebook-simulated-run-"));
  await cp(join(kept, "asked"), asked, COPY);
  const json = JSON.parse(await readFile(join(kept, "run.json"), "utf8"));
  return { asked, root: join(asked, "simulated"), json };
}

async function makeRun(kept: string): Promise<void> {
  const asked = await mkdtemp(join(tmpdir(), "candlebook-simulated-run-"));
  const { out, err, exit } = await candlebook(simulatedWords(asked));
  if (exit !== 0) throw new Error(`exit ${exit}: ${out}${err}`);
  for (const name of await readdir(CACHE)) {
    if (name !== "data") await rm(join(CACHE, name), { recursive: true, force: true });
  }
  const draft = join(CACHE, "draft");
  await cp(asked, join(draft, "asked"), COPY);
  await writeFile(join(draft, "run.json"), out);
  await rename(draft, kept);
  await rm(asked, { recursive: true, force: true });
}

async function stateOfCode(): Promise<string> {
  const hash = createHash("sha256").update(await readFile(join(PROJECT, "dist", ".stamp")));
  for (const folder of [join(PROJECT, "notebooks"), join(PROJECT, "environment")]) {
    const entries = await readdir(folder, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    for (const name of files.sort()) hash.update(await readFile(join(folder, name)));
  }
  return hash.digest("hex").slice(0, 16);
}
