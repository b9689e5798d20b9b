import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import type { Effects } from "../core/effects.ts";
import { failure, inputError, throwIfAborted } from "../core/errors.ts";
import { readJson, sha256OfValue, writeFileWhole } from "../core/files.ts";
import { CODE_VERSION } from "../core/version.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readManifest } from "../lake/manifest.ts";
import { executeNotebook, type Kernel } from "../report/execute.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { PROJECT_ROOT } from "./openWorkspace.ts";
import { SETTINGS_VARIABLE } from "./parameters.ts";

export interface NotebookOptions {
  /** `tslab` by default. */
  kernel?: Kernel;
  /** Only the notebooks whose name begins so: `week3`. */
  only?: string;
  /** Parameters by name, as text; each notebook takes those that its parameters cell has. */
  set?: Readonly<Record<string, string>>;
}

export interface NotebookRun {
  name: string;
  cells: number;
  seconds: number;
  skipped: boolean;
}

const NOTEBOOKS = join(PROJECT_ROOT, "notebooks");
const ledgerForm = z.object({ schema: z.literal(1), notebooks: z.record(z.string(), z.string()) });

/**
 * Runs the notebooks from top to bottom on a kernel, each into `report/notebooks/`; those whose cells, kernel and
 * tables did not change are skipped.
 * @throws CandlebookError `cell_failed` with the notebook, the cell and its error; `no_such_notebook`,
 *   `no_such_parameter` (exit 2)
 */
export async function runNotebooks(
  workspace: Workspace,
  { kernel = "tslab", only = "", set = {} }: NotebookOptions = {},
  effects: Effects = {},
): Promise<NotebookRun[]> {
  const all = (await readdir(NOTEBOOKS)).filter((file) => file.endsWith(".ipynb")).sort();
  const chosen = all.filter((file) => file.startsWith(only));
  if (chosen.length === 0) {
    throw inputError(
      "no_such_notebook",
      `No notebook's name begins with "${only}".`,
      `There are ${all.map((file) => basename(file, ".ipynb")).join(", ")}.`,
    );
  }
  const sources = await Promise.all(chosen.map((file) => readFile(join(NOTEBOOKS, file), "utf8")));
  refuseUnknown(Object.keys(set), sources);
  const outputs = inWorkspace(workspace, "report", "notebooks");
  const ledgerPath = join(outputs, "ledger.json");
  const ledger = ledgerForm.safeParse(await readJson(ledgerPath)).data?.notebooks ?? {};
  const tables = await tableVersions(workspace);
  const runs: NotebookRun[] = [];
  for (const [i, file] of chosen.entries()) {
    throwIfAborted(effects.signal);
    const notebook = join(NOTEBOOKS, file);
    const output = join(outputs, file);
    const cells = sources[i];
    const own = parameterNames(cells);
    const settings = Object.fromEntries(Object.entries(set).filter(([key]) => own.includes(key)));
    const fingerprint = sha256OfValue({ CODE_VERSION, kernel, tables, cells, settings });
    const name = basename(file, ".ipynb");
    if (ledger[name] === fingerprint && (await readJson(output).catch(() => null)) !== null) {
      runs.push({ name, cells: 0, seconds: 0, skipped: true });
      continue;
    }
    runs.push(await runOne(workspace, { notebook, output, kernel, name, settings }, effects));
    ledger[name] = fingerprint;
    await writeFileWhole(ledgerPath, `${JSON.stringify({ schema: 1, notebooks: ledger }, null, 2)}\n`);
  }
  await removeStrangers(outputs, all);
  return runs;
}

async function runOne(
  workspace: Workspace,
  task: {
    notebook: string;
    output: string;
    kernel: Kernel;
    name: string;
    settings: Record<string, string>;
  },
  effects: Effects,
): Promise<NotebookRun> {
  const { name, settings, ...options } = task;
  const env = {
    [SETTINGS_VARIABLE]: JSON.stringify(settings),
    CANDLEBOOK_WORKSPACE: workspace.root,
    CANDLEBOOK_NOW: toIso(workspace.clock() as EpochMs),
  };
  const { cells, seconds, errors } = await executeNotebook({ ...options, env, ...effects });
  const [error] = errors;
  if (error === undefined) return { name, cells, seconds, skipped: false };
  throw failure(
    "cell_failed",
    `Cell ${error.cell} of ${name} failed: ${error.name}: ${error.message}`,
    `Open it with npm run lab, or run it alone: candlebook notebooks --only ${name}.`,
  );
}

/** The names in a notebook's parameters cell: `parameters(workspace, { symbol: "first", days: 90 })`. */
export function parameterNames(notebook: string): string[] {
  const [, defaults = ""] = /\bparameters\(workspace, \{([^}]*)\}/.exec(notebook) ?? [];
  return [...defaults.matchAll(/(\w+):/g)].map(([, name]) => name);
}

function refuseUnknown(names: readonly string[], notebooks: readonly string[]): void {
  const known = [...new Set(notebooks.flatMap(parameterNames))].sort();
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw inputError(
    "no_such_parameter",
    `No notebook has a parameter ${stranger}.`,
    `There are ${known.join(", ") || "none"}.`,
  );
}

/** What the notebooks may look at: every published table's version. */
async function tableVersions(workspace: Workspace): Promise<Record<string, string>> {
  const names = await publishedTables(workspace);
  const versions = await Promise.all(
    names.map(async (name) => [name, (await readManifest(workspace, name))?.id ?? ""]),
  );
  return Object.fromEntries(versions);
}

/** An executed notebook whose source is gone would stay in the report for ever. */
async function removeStrangers(outputs: string, known: readonly string[]): Promise<void> {
  for (const file of await readdir(outputs)) {
    if (file.endsWith(".ipynb") && !known.includes(file)) await rm(join(outputs, file));
  }
}
