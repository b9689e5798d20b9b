import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The file with the settings of a workspace. */
export const SETTINGS_FILE = "candlebook.yaml";

/** The settings file of a workspace: its own, else that in the folder above it; null without one. */
export async function findSettings(root: string): Promise<{ path: string; text: string } | null> {
  for (const folder of [root, dirname(root)]) {
    const path = join(folder, SETTINGS_FILE);
    const text = await readFile(path, "utf8").catch((error) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    });
    if (text !== null) return { path, text };
  }
  return null;
}
