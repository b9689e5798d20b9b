import { open } from "node:fs/promises";
import { z } from "zod";
import { inWorkspace, type Workspace } from "../core/workspace.ts";

const lineForm = z.object({
  at: z.string(),
  command: z.string(),
  rows: z.number().nullable(),
  seconds: z.number(),
  exit: z.number().int(),
  error: z.string().optional(),
  log: z.string().optional(),
});

/** A line of `data/runs.jsonl`. */
export type RunLine = z.infer<typeof lineForm>;

/** A line is far shorter. */
const TAIL_BYTES = 65_536;

/** The last run of the workspace's record, or null; a line that a crash cut short is passed over. */
export async function lastRun(workspace: Workspace): Promise<RunLine | null> {
  const file = await open(inWorkspace(workspace, "data", "runs.jsonl")).catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    return (
      lines
        .reverse()
        .map(parseLine)
        .find((line) => line !== null) ?? null
    );
  } finally {
    await file.close();
  }
}

function parseLine(text: string): RunLine | null {
  try {
    return lineForm.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
