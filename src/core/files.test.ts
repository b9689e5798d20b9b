import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { writeFileWhole } from "./files.ts";

it.skipIf(process.platform === "win32")(
  "keeps a secret file from others, also where it replaces one",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "candlebook-files-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "server.json");
    await writeFileWhole(path, "public");
    const watched: number[] = [];
    const writing = writeFileWhole(path, "x".repeat(2 ** 22), 0o600);
    let open = true;
    const ended = writing.finally(() => {
      open = false;
    });
    while (open) {
      for (const name of await readdir(folder)) {
        const draft = name.endsWith(".draft") ? await stat(join(folder, name)).catch(() => null) : null;
        if (draft !== null) watched.push(draft.mode & 0o777);
      }
    }
    await ended;
    expect(watched.every((mode) => mode === 0o600)).toBe(true);
    expect([(await stat(path)).mode & 0o777, (await readFile(path)).length]).toEqual([0o600, 2 ** 22]);
  },
);
