import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import type { Workspace } from "../src/core/workspace.ts";
import { PROJECT } from "./candlebook.ts";
import { until } from "./live.ts";

/** JupyterLab as `npm run lab` starts it, on copies of the notebooks and with settings of its own. */
export interface Lab {
  /** What the browser is sent to. */
  start: string;
  /** Opens a notebook of the folder. */
  address(notebook: string): string;
  /** Without its token. */
  url: string;
  folder: string;
  close(): Promise<void>;
}

/** What a test needs to see: every cell in the page, and no autosave in between. */
const SETTINGS = {
  "notebook-extension/tracker": { windowingMode: "none", kernelShutdown: true },
  "docmanager-extension/plugin": { autosave: false },
  "extensionmanager-extension/plugin": { enabled: false },
};

/** @param cells notebooks beside the project's: by name, the code of their cells */
export async function startLab(workspace: Workspace, cells: Record<string, readonly string[]>): Promise<Lab> {
  // Within the project: a notebook finds "candlebook" as any package, in a folder above it.
  const parent = join(PROJECT, ".cache");
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, "lab-"));
  const notebooks = join(folder, "notebooks");
  await cp(join(PROJECT, "notebooks"), notebooks, { recursive: true });
  for (const [name, code] of Object.entries(cells)) {
    await writeFile(join(notebooks, `${name}.ipynb`), notebookOf(code));
  }
  for (const [name, settings] of Object.entries(SETTINGS)) {
    const path = join(folder, "settings", "@jupyterlab", `${name}.jupyterlab-settings`);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, JSON.stringify(settings));
  }
  const runtime = join(folder, "runtime");
  const lab = join(PROJECT, "environment", "lab.mjs");
  const given = [
    `--ServerApp.root_dir=${notebooks}`,
    "--ServerApp.port=0",
    "--ServerApp.open_browser=False",
    "--ServerApp.allow_root=True",
    "--LabApp.extension_manager=readonly",
  ];
  const child = spawn(process.execPath, [lab, ...given], {
    env: {
      ...process.env,
      CANDLEBOOK_WORKSPACE: workspace.root,
      JUPYTER_RUNTIME_DIR: runtime,
      JUPYTER_CONFIG_DIR: join(folder, "config"),
      JUPYTERLAB_SETTINGS_DIR: join(folder, "settings"),
      JUPYTERLAB_WORKSPACES_DIR: join(folder, "workspaces"),
      IPYTHONDIR: join(folder, "ipython"),
    },
    stdio: "ignore",
  });
  const ended = once(child, "close");
  const close = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { url, token } = await serverOf(runtime);
    return {
      url,
      start: `${url}?token=${token}`,
      folder: notebooks,
      address: (notebook) => `${url}lab/tree/${notebook}.ipynb?reset&token=${token}`,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serverOf(runtime: string): Promise<{ url: string; token: string }> {
  let found: { url: string; token: string } | null = null;
  await until(
    "JupyterLab answers",
    async () => {
      const names = await readdir(runtime).catch(() => []);
      const file = names.find((name) => /^jpserver-\d+\.json$/.test(name));
      if (file === undefined) return false;
      found = JSON.parse(await readFile(join(runtime, file), "utf8"));
      const { url, token } = found as unknown as { url: string; token: string };
      const answer = await fetch(`${url}api/status?token=${token}`).catch(() => null);
      return answer?.ok === true;
    },
    60,
  );
  return found as unknown as { url: string; token: string };
}

function notebookOf(code: readonly string[]): string {
  const kernelspec = { display_name: "TypeScript (tslab)", language: "typescript", name: "tslab" };
  return JSON.stringify({
    cells: code.map((source, i) => ({
      cell_type: "code",
      id: `cell-${i}`,
      metadata: {},
      execution_count: null,
      outputs: [],
      source,
    })),
    metadata: { kernelspec },
    nbformat: 4,
    nbformat_minor: 5,
  });
}

/** A notebook that is open in the page. */
export interface OpenNotebook {
  /** Its code cells. */
  cells: Locator;
  /** Waits until the kernel is there and does nothing. */
  idle(): Promise<void>;
  /** The numbers that the cells show when they have run; null while they have not, or run now. */
  counts(): Promise<(number | null)[]>;
}

/** Opens a notebook and waits until all its cells and its kernel are there. */
export async function openNotebook(page: Page, lab: Lab, name: string): Promise<OpenNotebook> {
  const { cells: written } = JSON.parse(await readFile(join(lab.folder, `${name}.ipynb`), "utf8"));
  const codes = (written as { cell_type: string }[]).filter((cell) => cell.cell_type === "code").length;
  await page.goto(lab.address(name));
  const notebook = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
  const cells = notebook.locator(".jp-CodeCell");
  const status = page.locator("#jp-main-statusbar");
  const idle = () =>
    until("the kernel is idle", async () => /\(tslab\) \| Idle/.test(await status.innerText()), 60);
  await until("the notebook is shown", async () => (await cells.count()) === codes, 60);
  await notebook.locator(".jp-Spinner").waitFor({ state: "detached" });
  await idle();
  // The keys go to the notebook, in command mode.
  await notebook.locator(".jp-Notebook").focus();
  const counts = async () => {
    const prompts = await cells.locator(".jp-InputPrompt").allInnerTexts();
    return prompts.map((prompt) => Number(/^\[(\d+)\]:$/.exec(prompt.trim())?.[1] ?? Number.NaN) || null);
  };
  return { cells, idle, counts };
}
