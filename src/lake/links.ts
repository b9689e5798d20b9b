import { randomUUID } from "node:crypto";
import { copyFile, link, mkdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { syncToDisk } from "../core/files.ts";
import type { TablePlace } from "./tables.ts";

/** Publishes a version, and makes the previous one the backup: one rename each, the old link first. */
export async function switchLinks(place: TablePlace, id: string): Promise<void> {
  const previous = await readlink(place.link).then(basename, () => null);
  if (previous !== null && previous !== id) await pointLink(place, place.backup, previous);
  await pointLink(place, place.link, id);
  await syncToDisk(place.base);
}

/** Points a table's link, or its backup, to a version by one rename. */
export async function pointLink(place: TablePlace, link: string, id: string): Promise<void> {
  const draft = `${link}.${randomUUID()}.draft`;
  const target = join(place.versions, id);
  if (process.platform === "win32") {
    await symlink(target, draft, "junction");
    await rm(link, { recursive: true, force: true });
  } else {
    await symlink(relative(dirname(link), target), draft);
  }
  await rename(draft, link);
}

/** A second name for the same bytes; a copy if the file system has no hard links. */
export async function linkPart(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await link(from, to);
  } catch (error) {
    if (!["EPERM", "EXDEV", "ENOTSUP", "EMLINK", "ENOSYS"].includes((error as { code: string }).code))
      throw error;
    await copyFile(from, to);
    await syncToDisk(to);
  }
}
