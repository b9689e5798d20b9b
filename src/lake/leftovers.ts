import { readdir, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { HISTORY_FILE } from "./history/keptTables.ts";
import { wholeMark } from "./history/whole.ts";
import type { TablePlace } from "./tables.ts";

/** Removes versions without a link that are not kept whole: those before the backup, and remains of a crash. */
export async function removeLeftovers(place: TablePlace): Promise<void> {
  const linked = await Promise.all(
    [place.link, place.backup].map((link) => readlink(link).then(basename, () => "")),
  );
  const versions = await readdir(place.versions).catch(() => [] as string[]);
  for (const entry of versions) {
    const id = entry.replace(/\.(json|whole)$/, "");
    if (!linked.includes(id) && !versions.includes(wholeMark(id)) && entry !== HISTORY_FILE) {
      await rm(join(place.versions, entry), { recursive: true, force: true });
    }
  }
  const table = basename(place.link);
  const drafts = await readdir(place.base).catch(() => [] as string[]);
  for (const entry of drafts) {
    if (/\.draft$/.test(entry) && (entry.startsWith(`${table}.`) || entry.startsWith(`${table}_backup.`))) {
      await rm(join(place.base, entry), { force: true });
    }
  }
}
