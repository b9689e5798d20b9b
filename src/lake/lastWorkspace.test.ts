import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dataElsewhere, rememberWorkspace, usedWorkspaces } from "./lastWorkspace.ts";

let checkout: string;
beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), "candlebook-last-"));
});
afterEach(() => rm(checkout, { recursive: true, force: true }));

/** A workspace with a market and rows (in its topic). */
async function filled(name: string): Promise<string> {
  const root = join(checkout, name);
  await mkdir(join(root, "data"), { recursive: true });
  await writeFile(join(root, "data", "market.json"), '{"schema":1,"market":"real"}');
  await writeFile(join(root, "data", "topic.db"), "");
  return root;
}

const roots = async () => (await usedWorkspaces(checkout)).map(({ root }) => root);

describe("the workspaces of a checkout", () => {
  it("are remembered in the order of their last use, each once", async () => {
    const [first, second] = [await filled("first"), await filled("second")];
    for (const root of [first, second, first]) await rememberWorkspace(root, checkout);
    expect(await roots()).toEqual([first, second]);
  });

  it("are forgotten when they are deleted or empty", async () => {
    const [kept, deleted] = [await filled("kept"), await filled("deleted")];
    for (const root of [kept, deleted]) await rememberWorkspace(root, checkout);
    await rm(deleted, { recursive: true });
    expect(await roots()).toEqual([kept]);
    await rm(join(kept, "data", "topic.db"));
    expect(await roots()).toEqual([]);
  });

  it("are none where the list is damaged, or for an installed package", async () => {
    await mkdir(join(checkout, ".cache"));
    await writeFile(join(checkout, ".cache", "workspaces.json"), '{"not":"a list"');
    expect(await roots()).toEqual([]);
    expect(await usedWorkspaces(null)).toEqual([]);
  });
});

it("finds the simulated market below an empty workspace, and nothing elsewhere for one with data", async () => {
  const simulated = await filled("simulated");
  expect(await dataElsewhere(checkout)).toBe(simulated);
  expect(await dataElsewhere(simulated)).toBeNull();
});
