import { rm } from "node:fs/promises";
import { z } from "zod";
import { readJson, writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { Day } from "../time/day.ts";

const form = z.object({ interval: z.string(), symbols: z.array(z.string()), from: z.string() });

/** The options of a download that has started and not finished. */
export interface Unfinished {
  interval: string;
  symbols: string[];
  from: Day;
}

const pathOf = (workspace: Workspace) => inWorkspace(workspace, "data", "raw", "unfinished.json");

/**
 * The stored files do not show which others were requested: a download that was killed resumes with these options.
 */
export async function readUnfinished(workspace: Workspace, interval: string): Promise<Unfinished | null> {
  const parsed = form.safeParse(await readJson(pathOf(workspace)).catch(() => null));
  if (!parsed.success || parsed.data.interval !== interval) return null;
  return { ...parsed.data, from: parsed.data.from as Day };
}

export async function writeUnfinished(workspace: Workspace, unfinished: Unfinished): Promise<void> {
  await writeFileWhole(pathOf(workspace), `${JSON.stringify(unfinished)}\n`);
}

export async function forgetUnfinished(workspace: Workspace): Promise<void> {
  await rm(pathOf(workspace), { force: true });
}
