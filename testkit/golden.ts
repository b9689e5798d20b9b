import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PROJECT } from "./candlebook.ts";
import { differencesOf } from "./notebookMeaning.ts";

/**
 * Compares with a frozen result below `golden/`. Where they differ the new one is left in `test/output/`, to be looked
 * at; `CANDLEBOOK_FREEZE=1`, by hand, freezes it instead.
 * @returns the differences, a line each
 */
export async function againstGolden(name: string, found: object): Promise<string[]> {
  const golden = join(PROJECT, "golden", name);
  const text = `${JSON.stringify(found, null, 1)}\n`;
  if (process.env.CANDLEBOOK_FREEZE === "1") {
    await write(golden, text);
    return [];
  }
  const frozen = await readFile(golden, "utf8").catch(() => null);
  if (frozen === null) return [`golden/${name} is not there`];
  const differences = differencesOf(found, JSON.parse(frozen)).map((line) => `${name}: ${line}`);
  if (differences.length > 0) await write(join(PROJECT, "test", "output", name), text);
  return differences;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
