import { randomUUID } from "node:crypto";
import { lstat, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { inputError } from "./errors.ts";
import { syncToDisk } from "./files.ts";
import { inWorkspace, type Workspace } from "./workspace.ts";

/** Where the workspace keeps what it publishes; a person's own files have no place in it. */
const OURS = ["data", "data_analysis", "report"];

/**
 * Makes a file where a person asked for one: written beside its place and renamed over it at the end, so that the
 * name holds the old file or the whole new one. A link, a device, a folder or anything of the workspace's own is
 * refused before it is opened.
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
  const root = await realpath(workspace.root).catch(() => workspace.root);
  for (const name of OURS) {
    const own = relative(inWorkspace({ ...workspace, root }, name), target);
    if (own !== ".." && !own.startsWith(`..${sep}`)) throw refuse("lies among the published tables");
  }
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
