import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Effects } from "../core/effects.ts";
import { failure, inputError, interrupted, throwIfAborted } from "../core/errors.ts";
import { environment, monotonicClock } from "../core/machine.ts";
import { PROJECT_ROOT } from "../core/projectRoot.ts";

export type Kernel = "tslab" | "deno";

export interface ExecuteOptions extends Effects {
  /** The .ipynb to run; it is not changed. */
  notebook: string;
  /** Path of the executed notebook, replaced in one step; not written if a cell fails. */
  output: string;
  kernel: Kernel;
  /** The kernel's working folder; by default the notebook's own. */
  cwd?: string;
  /** Added to this process's environment for the kernel. */
  env?: Record<string, string>;
}

/** A cell that failed, counted from 1 over the code cells that are not empty: the number JupyterLab shows. */
export interface CellError {
  cell: number;
  name: string;
  message: string;
}

export interface ExecuteResult {
  /** Cells that ran to their end. */
  cells: number;
  seconds: number;
  /** Empty, or the error that ended the run. */
  errors: CellError[];
}

/** The output of environment/execute_notebook.py, a JSON object a line. */
interface Told {
  cells?: number;
  kernel?: number;
  done?: number;
  finished?: boolean;
  cell?: number;
  name?: string;
  problem?: string;
  message?: string;
}

const setUp = join(PROJECT_ROOT, "environment");
const graceMs = 5_000;
/** Time limit of one cell. */
const CELL_SECONDS = 1_800;

/**
 * Runs one notebook from top to bottom on its own kernel and writes it with its outputs. Paths of this machine are
 * removed from the outputs; they contain no time of execution.
 * @throws CandlebookError `not_set_up`, `kernel_failed`, `interrupted`; a cell that fails is a result, not an error.
 */
export async function executeNotebook(options: ExecuteOptions): Promise<ExecuteResult> {
  throwIfAborted(options.signal);
  const python = pythonOf(setUp);
  await mkdir(dirname(options.output), { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), "candlebook-kernel-"));
  try {
    return await run(python, scratch, options);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function run(python: string, scratch: string, options: ExecuteOptions): Promise<ExecuteResult> {
  const started = monotonicClock();
  const title = basename(options.notebook, ".ipynb");
  const child = spawn(python, [join(setUp, "execute_notebook.py")], {
    env: kernelEnvironment(scratch, options.env),
    stdio: ["pipe", "pipe", "pipe"],
    // Its own process group: Ctrl-C in the terminal reaches it only through the signal, once.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  const exited = once(child, "exit");
  exited.catch(() => {});
  const said: string[] = [];
  child.stderr.on("data", (part) => said.push(String(part)));
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(await request(options, scratch))}\n`);

  const told: Told = {};
  const stop = () => {
    // At the end of its input it stops the kernel and itself; it is killed after the grace period.
    child.stdin.end();
    setTimeout(() => killGroup(child.pid), graceMs).unref();
  };
  options.signal?.addEventListener("abort", stop, { once: true });
  if (options.signal?.aborted) stop();
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const news = JSON.parse(line) as Told;
      Object.assign(told, news);
      if (news.done === undefined) continue;
      options.progress?.({ stage: "notebooks", note: title, done: news.done, total: told.cells });
    }
    await exited;
  } finally {
    options.signal?.removeEventListener("abort", stop);
    if (child.exitCode !== 0) killGroup(told.kernel);
    child.stderr.destroy();
  }
  if (options.signal?.aborted) throw interrupted();
  const seconds = (monotonicClock() - started) / 1000;
  const cells = told.done ?? 0;
  if (told.finished) return { cells, seconds, errors: [] };
  if (told.cell !== undefined) {
    const error = { cell: told.cell, name: told.name ?? "Error", message: told.message ?? "" };
    return { cells, seconds, errors: [error] };
  }
  const reason = told.message ?? said.join("").trim().split("\n").at(-1) ?? "";
  throw failure(
    "kernel_failed",
    `The ${options.kernel} kernel could not run ${title}: ${reason || "it gave no reason"}.`,
    "Run `npm run setup`, then the same command again.",
  );
}

function pythonOf(folder: string): string {
  const windows = process.platform === "win32";
  const python = join(folder, ".venv", ...(windows ? ["Scripts", "python.exe"] : ["bin", "python"]));
  if (existsSync(python)) return python;
  throw inputError(
    "not_set_up",
    "Notebooks need the Python environment environment/.venv, which does not exist.",
    "Run `npm run setup` (needs Python 3.10 or newer), then the same command again.",
  );
}

/** Kernels and settings of the environment have priority; Jupyter's own files are written to the scratch folder. */
function kernelEnvironment(scratch: string, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { JUPYTER_PATH: _, ...inherited } = environment;
  return {
    ...inherited,
    ...more,
    NO_COLOR: "1",
    PYTHONUTF8: "1",
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_RUNTIME_DIR: scratch,
    JUPYTER_CONFIG_DIR: scratch,
    IPYTHONDIR: scratch,
  };
}

async function request(options: ExecuteOptions, scratch: string): Promise<unknown> {
  const workspace = options.env?.CANDLEBOOK_WORKSPACE ?? environment.CANDLEBOOK_WORKSPACE ?? PROJECT_ROOT;
  const folders = [
    [resolve(workspace), "."],
    [PROJECT_ROOT, "."],
    [scratch, "~"],
    [homedir(), "~"],
  ] as const;
  const real = folders.map(async ([path, name]) => [await realpath(path).catch(() => path), name] as const);
  const hide = [...folders, ...(await Promise.all(real))].sort(([a], [b]) => b.length - a.length);
  return {
    notebook: options.notebook,
    output: options.output,
    kernel: options.kernel,
    cwd: options.cwd ?? dirname(options.notebook),
    timeout: CELL_SECONDS,
    hide,
  };
}

/** Kills a process and its whole group. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" }).on("error", () => {});
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
