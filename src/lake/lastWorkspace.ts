import { isAbsolute, join, relative, resolve } from "node:path";
import { z } from "zod";
import { readJson, writeFileWhole } from "../core/files.ts";
import { environment } from "../core/machine.ts";
import { IS_CHECKOUT, PROJECT_ROOT } from "../core/projectRoot.ts";
import type { MarketClaim } from "../core/workspace.ts";
import { readClaim } from "./marketClaim.ts";

/** Number of remembered workspaces: if the last one is deleted, the one before it is used. */
const REMEMBERED = 8;

const listForm = z.array(z.string().min(1)).catch([]);

/** A workspace that holds rows, and their market. */
export interface UsedWorkspace {
  root: string;
  claim: MarketClaim;
}

/** The folder of a command's data, and the reason for the choice. */
export interface WorkspaceChoice {
  root: string;
  /** `named`: by option or environment; `last`: the last one used; `own`: the checkout, or the current folder. */
  by: "named" | "last" | "own";
}

/**
 * The workspace of a command: the named one, else that of the checkout's last run, else the checkout itself (for an
 * installed package the current folder).
 * @param accepts which remembered workspaces the command can use; default: each
 */
export async function chooseWorkspace(
  named: string | undefined,
  accepts: (used: UsedWorkspace) => boolean = () => true,
): Promise<WorkspaceChoice> {
  const root = named ?? (environment.CANDLEBOOK_WORKSPACE || undefined);
  if (root !== undefined) return { root, by: "named" };
  const last = (await usedWorkspaces()).find(accepts);
  if (last !== undefined) return { root: last.root, by: "last" };
  return { root: IS_CHECKOUT ? PROJECT_ROOT : ".", by: "own" };
}

/**
 * Remembers a workspace as the one used last in this checkout (`.cache/workspaces.json`). An installed package
 * remembers nothing: its workspace is the current folder.
 */
export async function rememberWorkspace(root: string, checkout = checkoutRoot()): Promise<void> {
  if (checkout === null) return;
  const before = (await usedWorkspaces(checkout)).map((used) => used.root);
  const list = [root, ...before.filter((other) => other !== root)].slice(0, REMEMBERED);
  // Below the checkout by their relative paths, so that it can be moved.
  const written = list.map((path) => {
    const below = relative(checkout, path);
    return below.startsWith("..") || isAbsolute(below) ? path : below || ".";
  });
  await writeFileWhole(listPath(checkout), `${JSON.stringify(written)}\n`);
}

/** The remembered workspaces that still hold rows, the last used first. */
export async function usedWorkspaces(checkout = checkoutRoot()): Promise<UsedWorkspace[]> {
  if (checkout === null) return [];
  const list = listForm.parse(await readJson(listPath(checkout)).catch(() => []));
  const used = list.map(async (path) => {
    const root = resolve(checkout, path);
    const claim = await readClaim({ root }).catch(() => null);
    return claim === null ? [] : [{ root, claim }];
  });
  return (await Promise.all(used)).flat();
}

/** A workspace with rows, for someone who looks at one without: `simulated/` below it, or the last one used. */
export async function dataElsewhere(root: string): Promise<string | null> {
  if ((await readClaim({ root }).catch(() => null)) !== null) return null;
  const below = join(root, "simulated");
  if ((await readClaim({ root: below }).catch(() => null)) !== null) return below;
  return (await usedWorkspaces())[0]?.root ?? null;
}

const checkoutRoot = () => (IS_CHECKOUT ? PROJECT_ROOT : null);

const listPath = (checkout: string) => join(checkout, ".cache", "workspaces.json");
