import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Effects } from "../core/effects.ts";
import { failure, throwIfAborted } from "../core/errors.ts";
import { readJson, sha256OfValue } from "../core/files.ts";
import { runLimited } from "../core/limited.ts";
import { CODE_VERSION } from "../core/version.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { WEEKS, weekOf } from "../course/weeks.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readManifest } from "../lake/manifest.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { executedNotebooks } from "./executedNotebooks.ts";
import { type ExecuteOptions, type ExecuteResult, executeNotebook, type Kernel } from "./executeNotebook.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { type NotebookOptions, type NotebookTask, notebookTasks, OUTPUTS } from "./notebookTasks.ts";
import { SETTINGS_VARIABLE } from "./parameters.ts";

export interface NotebookRun {
  name: string;
  /** The requested symbol; null without one. */
  symbol: string | null;
  /** The executed notebook, relative to the workspace. */
  path: string;
  cells: number;
  seconds: number;
  skipped: boolean;
}

/** Runs one notebook from top to bottom. */
export type Execute = (options: ExecuteOptions) => Promise<ExecuteResult>;

/**
 * Runs the notebooks from top to bottom on a kernel and writes them to `report/notebooks/`, for a requested symbol to
 * a subfolder. Those whose cells, kernel, parameters and tables did not change are skipped. After the first failure
 * no other is started, and those that are running are stopped.
 * @throws CandlebookError `cell_failed` with the notebook, the cell and its error; `no_such_notebook`,
 *   `no_such_parameter`, `bad_symbol` (exit 2)
 */
export function runNotebooks(
  workspace: Workspace,
  options: NotebookOptions = {},
  effects: Effects = {},
): Promise<NotebookRun[]> {
  return runNotebooksBy(executeNotebook, workspace, options, effects);
}

/** As `runNotebooks`, with any function that executes a notebook. */
export async function runNotebooksBy(
  execute: Execute,
  workspace: Workspace,
  options: NotebookOptions,
  effects: Effects = {},
): Promise<NotebookRun[]> {
  const { kernel = "tslab", atOnce = 1 } = options;
  const tasks = await notebookTasks(options);
  const outputs = inWorkspace(workspace, ...OUTPUTS);
  const ledger = await openLedger(join(outputs, "ledger.json"));
  const runs = new Map<NotebookTask, NotebookRun>();
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(effects.signal ? [effects.signal] : [])]);
  const runAll = (limit: number) =>
    runLimited(tasks, limit, async (task) => {
      try {
        throwIfAborted(signal);
        const run = await runWhereDue(workspace, { task, kernel, ledger, execute }, { ...effects, signal });
        if (!run.skipped || !runs.has(task)) runs.set(task, run);
      } catch (error) {
        failed.abort();
        throw error;
      }
    });
  await runAll(atOnce);
  // A notebook that ran parallel to an earlier one may have missed its tables: then its inputs have changed.
  if (atOnce > 1) await runAll(1);
  await removeStrangers(outputs);
  return tasks.flatMap((task) => runs.get(task) ?? []);
}

async function runWhereDue(
  workspace: Workspace,
  { task, kernel, ledger, execute }: { task: NotebookTask; kernel: Kernel; ledger: Ledger; execute: Execute },
  effects: Effects,
): Promise<NotebookRun> {
  const { name, notebook, symbol, cells, settings, place } = task;
  const path = place.join("/");
  const output = inWorkspace(workspace, ...place);
  const fingerprint = (tables: Record<string, string>) =>
    sha256OfValue({ CODE_VERSION, kernel, tables, cells, settings });
  const before = await tablesOf(workspace, name);
  const there = async () => (await readJson(output).catch(() => null)) !== null;
  if (ledger.of(path) === fingerprint({ ...before.earlier, ...before.own }) && (await there())) {
    return { name, symbol, path, cells: 0, seconds: 0, skipped: true };
  }
  const ran = await runOne(workspace, { notebook, output, kernel, name, settings, execute }, effects);
  // It has seen its own tables; it may have missed those that others changed meanwhile.
  const { own } = await tablesOf(workspace, name);
  await ledger.enter(path, fingerprint({ ...before.earlier, ...own }));
  return { name, symbol, path, ...ran, skipped: false };
}

async function runOne(
  workspace: Workspace,
  task: {
    notebook: string;
    output: string;
    kernel: Kernel;
    name: string;
    settings: Record<string, string>;
    execute: Execute;
  },
  effects: Effects,
): Promise<Pick<NotebookRun, "cells" | "seconds">> {
  const { name, settings, execute, ...options } = task;
  const env = {
    [SETTINGS_VARIABLE]: JSON.stringify(settings),
    CANDLEBOOK_WORKSPACE: workspace.root,
    CANDLEBOOK_NOW: toIso(workspace.clock() as EpochMs),
  };
  const { cells, seconds, errors } = await execute({ ...options, env, ...effects });
  const [error] = errors;
  if (error === undefined) return { cells, seconds };
  throw failure(
    "cell_failed",
    `Cell ${error.cell} of ${name} failed: ${error.name}: ${error.message}`,
    `Open it with npm run lab, or run it alone: candlebook notebooks --only ${name}.`,
  );
}

/**
 * The versions of the tables that a notebook depends on: those of the weeks before it, and those of its own week,
 * which it may publish itself.
 */
async function tablesOf(workspace: Workspace, notebook: string) {
  const week = weekOf(notebook)?.week ?? Number.POSITIVE_INFINITY;
  const earlier: Record<string, string> = {};
  const own: Record<string, string> = {};
  for (const table of await publishedTables(workspace)) {
    const made = WEEKS.find(({ makes }) => makes?.test(table))?.week;
    if (made === undefined || made > week) continue;
    (made === week ? own : earlier)[table] = (await readManifest(workspace, table))?.id ?? "";
  }
  return { earlier, own };
}

/** Removes executed notebooks without a source, which would stay in the report forever. */
async function removeStrangers(outputs: string): Promise<void> {
  for (const file of await executedNotebooks(outputs)) {
    if (weekOf(basename(file, ".ipynb")) === undefined) await rm(join(outputs, file));
  }
}
