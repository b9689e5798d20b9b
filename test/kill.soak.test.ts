import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sha256OfFile } from "../src/core/files.ts";
import type { Workspace } from "../src/core/workspace.ts";
import { publishedTables } from "../src/lake/catalog.ts";
import { readTable } from "../src/lake/read.ts";
import { withLake } from "../src/lake/session.ts";
import { candlebook, startCandlebook } from "../testkit/candlebook.ts";
import { tries } from "../testkit/soak.ts";

const KILLS = tries(6, 200);
const NOW = "2025-03-01T00:00:00Z";

let scratch: string;
const inScratch = (...parts: string[]) => join(scratch, ...parts);
const workspaceAt = (root: string): Workspace => ({
  root,
  clock: () => Date.parse(NOW),
  resources: { threads: 2, memory: "512MB" },
});
const runWords = (root: string, files: string) => [
  "run",
  "--csv",
  files,
  "--workspace",
  root,
  "--now",
  NOW,
  "--until",
  "merge",
  "--quiet",
];

/** Every table's rows as one hash each; throws where a part is missing, cut or altered. */
async function contents(root: string): Promise<Record<string, string>> {
  const workspace = workspaceAt(root);
  const hashes: Record<string, string> = {};
  for (const name of await publishedTables(workspace)) {
    const table = await readTable(workspace, name);
    if (table === null) throw new Error(`${name} has no manifest`);
    for (const part of table.manifest.parts) {
      expect(await sha256OfFile(join(table.folder, part.path))).toBe(part.sha256);
    }
    if (table.manifest.rows === 0) continue;
    const [{ hash }] = await withLake(workspace, {}, (lake) =>
      lake.rows<{ hash: string }>(
        `SELECT bit_xor(hash(t))::VARCHAR || '/' || count(*) AS hash FROM ${table.sql} t`,
      ),
    );
    hashes[name] = hash;
  }
  return hashes;
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "candlebook-kill-"));
  for (const [name, seed] of [
    ["old", "1"],
    ["new", "2"],
  ]) {
    const words = [
      "generate",
      inScratch(name),
      "--seed",
      seed,
      "--from",
      "2025-01-01",
      "--to",
      "2025-02-20",
      "--quiet",
    ];
    expect(await candlebook(words)).toMatchObject({ exit: 0 });
  }
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("kill -9 in the middle of a run", () => {
  it(`leaves each table old or new, and the next run completes (${KILLS} kill points)`, async () => {
    const expected: Record<string, Record<string, string>> = {};
    let duration = 0;
    for (const name of ["old", "new"]) {
      const started = performance.now();
      expect(await candlebook(runWords(inScratch(`calm-${name}`), inScratch(name)))).toMatchObject({
        exit: 0,
      });
      duration = performance.now() - started;
      expected[name] = await contents(inScratch(`calm-${name}`));
    }
    const root = inScratch("stormy");
    let interrupted = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const goal = kill % 2 === 0 ? "old" : "new";
      const { child, finished } = startCandlebook(runWords(root, inScratch(goal)));
      const started = performance.now();
      const timer = setTimeout(() => child.kill("SIGKILL"), ((kill + 0.5) / KILLS) * duration);
      const { exit } = await finished;
      clearTimeout(timer);
      if (exit === null) interrupted += 1;
      else duration = performance.now() - started;
      for (const [table, hash] of Object.entries(await contents(root))) {
        expect([expected.old[table], expected.new[table]]).toContain(hash);
      }
      if (kill % 5 === 4) {
        expect(await candlebook(runWords(root, inScratch(goal)))).toMatchObject({ exit: 0 });
        expect(await contents(root)).toEqual(expected[goal]);
      }
    }
    expect(interrupted).toBeGreaterThan(KILLS / 2);
  });
});
