import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { lstat, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { inputError } from "./errors.ts";
import { syncToDisk } from "./files.ts";
import type { Workspace } from "./workspace.ts";

/** Where the workspace keeps what it publishes; a person's own files have no place in it. */
const OURS = ["data", "data_analysis", "report"];

/**
 * Makes a file where a person asked for one: written beside its place and renamed over it at the end, so that the
 * name holds the old file or the whole new one. A link, a device, a folder or anything that belongs to a workspace,
 * this one or another, is refused before it is opened.
 * @param write fills the draft, whose name it is given
 * @throws CandlebookError `bad_output` (exit 2)
 */
export async function writeOutput<Result>(
  workspace: Workspace,
  path: string,
  write: (draft: string) => Promise<Result>,
): Promise<Result> {
  const refuse = (why: string) =>
    inputError("bad_output", `The output ${basename(path) || path} ${why}.`, "Name another file.");
  const folder = await realpath(dirname(resolve(path))).catch(() => null);
  if (folder === null) throw refuse("lies in a folder that is not there");
  const target = join(folder, basename(path));
  const there = await lstat(target).catch(() => null);
  if (there !== null && !there.isFile()) throw refuse("is no plain file, but a folder, link or device");
  if (await liesInWorkspace(workspace, target)) throw refuse("lies among the files of a workspace");
  const draft = `${target}.${randomUUID()}.draft`;
  try {
    const result = await write(draft);
    await syncToDisk(draft);
    await rename(draft, target);
    return result;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Whether a folder above the file is one that a workspace publishes in. */
async function liesInWorkspace(workspace: Workspace, target: string): Promise<boolean> {
  const root = await realpath(workspace.root).catch(() => workspace.root);
  for (let place = target; dirname(place) !== place; place = dirname(place)) {
    if (!OURS.includes(basename(place))) continue;
    const owner = dirname(place);
    if (owner === root || existsSync(join(owner, "data", "market.json"))) return true;
  }
  return false;
}
