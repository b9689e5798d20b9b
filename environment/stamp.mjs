import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Names, sizes and times of all files under the given files and folders, as one hash. */
export function fingerprint(paths, extra = "") {
  const hash = createHash("sha256").update(extra);
  for (const path of paths) walk(path, hash);
  return hash.digest("hex");
}

function walk(path, hash) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) {
    hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(path).sort()) walk(join(path, name), hash);
}

/** The text of a file, null where there is none. */
export function textOf(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

/** Writes only what differs, so that an unchanged file keeps its time. */
export function writeIfOther(path, text) {
  if (textOf(path) !== text) writeFileSync(path, text);
}
