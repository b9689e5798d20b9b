import { open } from "node:fs/promises";
import { z } from "zod";
import { parseLine } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { isProcessLockHeld } from "../lake/processLock.ts";

const startForm = z.object({
  schema: z.literal(1),
  event: z.literal("start"),
  run: z.string().regex(/^[0-9a-f]{8}$/),
  at: z.string(),
  command: z.string(),
  log: z.string().optional(),
});

const endForm = z.object({
  schema: z.literal(1),
  event: z.literal("end").default("end"),
  run: z.string().optional(),
  at: z.string(),
  command: z.string(),
  rows: z.number().nullable(),
  seconds: z.number(),
  exit: z.number().int(),
  error: z.string().optional(),
  log: z.string().optional(),
});

const lineForm = z.union([startForm, endForm]);
type Line = z.infer<typeof lineForm>;

/** The last run, as `data/runs.jsonl` has it; rows, seconds and exit are null where it has no end. */
export interface LastRun {
  state: "ended" | "running" | "cut";
  /** When it ended; where it has not, when it started. */
  at: string;
  command: string;
  rows: number | null;
  seconds: number | null;
  exit: number | null;
  error?: string;
  log?: string;
}

/** A line is far shorter. */
const TAIL_BYTES = 65_536;

/** The lock that a run holds while it works. */
export const runLock = (run: string) => `run-${run}`;

/**
 * The run that started last, or null. One whose end is not recorded works still, or it was cut short: the lock that it
 * holds distinguishes the two. A line that a crash cut short is skipped.
 */
export async function lastRun(workspace: Workspace): Promise<LastRun | null> {
  const lines = await lastLines(workspace);
  const ends = new Map(lines.flatMap((line) => (line.event === "end" ? [[line.run, line]] : [])));
  const last = lines.findLast((line) => line.event === "start" || line.run === undefined) ?? lines.at(-1);
  if (last === undefined) return null;
  const end = last.event === "end" ? last : ends.get(last.run);
  if (end !== undefined) {
    const { schema, event, run, ...facts } = end;
    return { state: "ended", ...facts };
  }
  const { schema, event, run = "", ...facts } = last;
  const state = isProcessLockHeld(workspace, runLock(run)) ? "running" : "cut";
  return { state, rows: null, seconds: null, exit: null, ...facts };
}

/**
 * The run during which something was published, for each instant; null where none, or more than one, was recorded
 * then. A workspace has one run at a time: one without an end ended before the next.
 */
export async function runsByInstant(workspace: Workspace): Promise<(at: string) => string | null> {
  const lines = await lastLines(workspace, Number.POSITIVE_INFINITY);
  const ends = new Map(lines.flatMap((line) => (line.event === "end" ? [[line.run, line.at]] : [])));
  const starts = lines.flatMap((line) => (line.event === "start" ? [line] : []));
  const spans = starts.map(({ run, at }, i) => ({ run, at, end: ends.get(run) ?? starts[i + 1]?.at ?? "~" }));
  return (at) => {
    const during = spans.filter((span) => span.at <= at && at <= span.end);
    return during.length === 1 ? during[0].run : null;
  };
}

async function lastLines(workspace: Workspace, bytes = TAIL_BYTES): Promise<Line[]> {
  const file = await open(inWorkspace(workspace, "data", "runs.jsonl")).catch(() => null);
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const lines = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    return lines.flatMap((line) => lineForm.safeParse(parseLine(line)).data ?? []);
  } finally {
    await file.close();
  }
}
