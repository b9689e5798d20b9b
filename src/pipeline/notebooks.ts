import { readdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { parseSymbol } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import { failure, inputError, throwIfAborted } from "../core/errors.ts";
import { readJson, sha256OfValue, writeFileWhole } from "../core/files.ts";
import { runLimited } from "../core/limited.ts";
import { CODE_VERSION } from "../core/version.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readManifest } from "../lake/manifest.ts";
import { type ExecuteOptions, type ExecuteResult, executeNotebook, type Kernel } from "../report/execute.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { PROJECT_ROOT } from "./openWorkspace.ts";
import { SETTINGS_VARIABLE } from "./parameters.ts";

export interface NotebookOptions {
  /** `tslab` by default. */
  kernel?: Kernel;
  /** Only the notebooks whose name begins so: `week3`. */
  only?: string;
  /**
   * Parameters by name, as text; each notebook takes those that its parameters cell has. `symbol` may name several,
   * with commas between them: the notebooks are run for each.
   */
  set?: Readonly<Record<string, string>>;
  /**
   * How many run side by side, 1 by default: each waits for those before it, as it may need what they publish. With
   * more the tables should be published already, or a notebook may fail for want of one.
   */
  atOnce?: number;
}

export interface NotebookRun {
  name: string;
  /** The symbol that was asked for; null where none was. */
  symbol: string | null;
  /** The executed notebook, relative to the workspace. */
  path: string;
  cells: number;
  seconds: number;
  skipped: boolean;
}

const NOTEBOOKS = join(PROJECT_ROOT, "notebooks");
const OUTPUTS = ["report", "notebooks"] as const;
const ledgerForm = z.object({ schema: z.literal(1), notebooks: z.record(z.string(), z.string()) });

/** Runs one notebook from top to bottom. */
export type Execute = (options: ExecuteOptions) => Promise<ExecuteResult>;

/** One notebook to run, for one choice of parameters. */
interface Task {
  name: string;
  symbol: string | null;
  /** Of the executed notebook, in the workspace. */
  place: readonly string[];
  /** The notebook's text. */
  cells: string;
  settings: Record<string, string>;
}

/**
 * Runs the notebooks from top to bottom on a kernel, each into `report/notebooks/`, and for a symbol that is asked for
 * into a folder of its own there. Those whose cells, kernel, parameters and tables did not change are skipped.
 * After the first that fails no other is begun, and what runs beside it is stopped.
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

/** As `runNotebooks`, by any way to execute one. */
export async function runNotebooksBy(
  execute: Execute,
  workspace: Workspace,
  options: NotebookOptions,
  effects: Effects = {},
): Promise<NotebookRun[]> {
  const { kernel = "tslab", atOnce = 1 } = options;
  const { tasks, known } = await tasksOf(options);
  const outputs = inWorkspace(workspace, ...OUTPUTS);
  const ledger = await openLedger(join(outputs, "ledger.json"));
  const runs = new Map<Task, NotebookRun>();
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
  // One that ran beside an earlier one may have missed what that one published: then its tables are others now.
  if (atOnce > 1) await runAll(1);
  await removeStrangers(outputs, known);
  return tasks.flatMap((task) => runs.get(task) ?? []);
}

async function runWhereDue(
  workspace: Workspace,
  { task, kernel, ledger, execute }: { task: Task; kernel: Kernel; ledger: Ledger; execute: Execute },
  effects: Effects,
): Promise<NotebookRun> {
  const { name, symbol, cells, settings, place } = task;
  const path = place.join("/");
  const output = inWorkspace(workspace, ...place);
  const fingerprint = (tables: Record<string, string>) =>
    sha256OfValue({ CODE_VERSION, kernel, tables, cells, settings });
  const before = await tablesOf(workspace, name);
  const there = async () => (await readJson(output).catch(() => null)) !== null;
  if (ledger.of(path) === fingerprint({ ...before.earlier, ...before.own }) && (await there())) {
    return { name, symbol, path, cells: 0, seconds: 0, skipped: true };
  }
  const notebook = join(NOTEBOOKS, `${name}.ipynb`);
  const ran = await runOne(workspace, { notebook, output, kernel, name, settings, execute }, effects);
  // What it has published itself it has seen; what others changed meanwhile it may have missed.
  const { own } = await tablesOf(workspace, name);
  await ledger.enter(path, fingerprint({ ...before.earlier, ...own }));
  return { name, symbol, path, ...ran, skipped: false };
}

/** What each executed notebook was made from. */
interface Ledger {
  of(path: string): string | undefined;
  enter(path: string, fingerprint: string): Promise<void>;
}

async function openLedger(file: string): Promise<Ledger> {
  const notebooks = ledgerForm.safeParse(await readJson(file)).data?.notebooks ?? {};
  // One after the other: of two writes at once the older content could come last.
  let written = Promise.resolve();
  return {
    of: (path) => notebooks[path],
    enter(path, fingerprint) {
      notebooks[path] = fingerprint;
      written = written.then(() =>
        writeFileWhole(file, `${JSON.stringify({ schema: 1, notebooks }, null, 2)}\n`),
      );
      return written;
    },
  };
}

async function tasksOf({
  only = "",
  set = {},
}: NotebookOptions): Promise<{ tasks: Task[]; known: string[] }> {
  const known = (await readdir(NOTEBOOKS)).filter((file) => file.endsWith(".ipynb")).sort();
  const chosen = known.filter((file) => file.startsWith(only));
  if (chosen.length === 0) {
    throw inputError(
      "no_such_notebook",
      `No notebook's name begins with "${only}".`,
      `There are ${known.map((file) => basename(file, ".ipynb")).join(", ")}.`,
    );
  }
  const sources = await Promise.all(chosen.map((file) => readFile(join(NOTEBOOKS, file), "utf8")));
  refuseUnknown(Object.keys(set), sources);
  const { symbol: asked, ...others } = set;
  const symbols = asked === undefined || asked === "first" ? [null] : asked.split(",").map(parseSymbol);
  const tasks = [...new Set(symbols)].flatMap((symbol) =>
    chosen.map((file, i): Task => {
      const wanted = Object.entries(symbol === null ? others : { ...others, symbol });
      const defaults = parameterDefaults(sources[i]);
      const other = wanted.filter(([key, text]) => key in defaults && defaults[key] !== text);
      return {
        name: basename(file, ".ipynb"),
        symbol,
        place: symbol === null ? [...OUTPUTS, file] : [...OUTPUTS, symbol, file],
        cells: sources[i],
        settings: Object.fromEntries(other),
      };
    }),
  );
  return { tasks, known };
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
 * The names and defaults in a notebook's parameters cell: `parameters(workspace, { symbol: "first", days: 90 })`.
 * @param notebook the file's text, in which quotes are escaped
 */
export function parameterDefaults(notebook: string): Record<string, string> {
  const [, defaults = ""] = /\bparameters\(workspace, \{([^}]*)\}/.exec(notebook) ?? [];
  const pairs = [...defaults.matchAll(/(\w+): *([^,]*)/g)];
  return Object.fromEntries(pairs.map(([, name, text]) => [name, text.replaceAll(/^[\\"]+|[\\"\s]+$/g, "")]));
}

function refuseUnknown(names: readonly string[], notebooks: readonly string[]): void {
  const known = [...new Set(notebooks.flatMap((text) => Object.keys(parameterDefaults(text))))].sort();
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw inputError(
    "no_such_parameter",
    `No notebook has a parameter ${stranger}.`,
    `There are ${known.join(", ") || "none"}.`,
  );
}

/** The week whose notebook makes a table; what is not named here is the forecast's. */
const MADE_IN: readonly (readonly [RegExp, number])[] = [
  [/_minutes$|^rejects$/, 1],
  [/_clean$/, 2],
  [/^(daily_batch|daily_backfill|gaps|gap_labels|per_day)$/, 3],
  [/^(streaming_\w+|late_events|poison_messages)$/, 4],
  [/^(daily_filled|reconciliation|prophet_input|results)$/, 5],
];
const FORECASTS = 6;

/**
 * The versions of the tables that a notebook stands on: those of the weeks before it, and those of its own week, which
 * it may publish itself.
 */
async function tablesOf(workspace: Workspace, notebook: string) {
  const week = Number(/^week(\d+)/.exec(notebook)?.[1] ?? Number.POSITIVE_INFINITY);
  const earlier: Record<string, string> = {};
  const own: Record<string, string> = {};
  for (const table of await publishedTables(workspace)) {
    const made = MADE_IN.find(([names]) => names.test(table))?.[1] ?? FORECASTS;
    if (made > week) continue;
    (made === week ? own : earlier)[table] = (await readManifest(workspace, table))?.id ?? "";
  }
  return { earlier, own };
}

/** An executed notebook whose source is gone would stay in the report for ever. */
async function removeStrangers(outputs: string, known: readonly string[]): Promise<void> {
  for (const file of await readdir(outputs)) {
    if (file.endsWith(".ipynb") && !known.includes(file)) await rm(join(outputs, file));
  }
}
