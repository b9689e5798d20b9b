import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { appendLine, parseLine } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { type Day, dayOf } from "../time/day.ts";
import type { EpochMs, TimeSpan } from "../time/epoch.ts";
import { INTERVALS, type Interval, isInterval } from "../venues/venueInterval.ts";
import type { AskedSpans, KlineRequest } from "./backfillPlan.ts";
import { span, subtract } from "./spans.ts";

const entryForm = z.object({
  symbol: z.string(),
  interval: z.custom<Interval>((text) => typeof text === "string" && isInterval(text)),
  /** What was requested, and the missing part of it. */
  wanted: z.array(z.tuple([z.number(), z.number()])),
  lacking: z.array(z.tuple([z.number(), z.number()])),
  /** Relative to the workspace; null for an empty response. */
  file: z.string().nullable(),
  /** The exchange's time. */
  at: z.number(),
});

/** An answered request, as a line of `data/raw/backfill.jsonl`. */
export interface Asked {
  symbol: string;
  interval: Interval;
  wanted: TimeSpan[];
  lacking: TimeSpan[];
  file: string | null;
  at: EpochMs;
}

const pathOf = (workspace: Workspace) => inWorkspace(workspace, "data", "raw", "backfill.jsonl");

/**
 * The answered requests so far, in order. A line left incomplete by a crash does not count, nor does a response whose
 * file is missing.
 */
export async function readJournal(workspace: Workspace): Promise<Asked[]> {
  const text = await readFile(pathOf(workspace), "utf8").catch((error) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  });
  const entries: Asked[] = [];
  for (const line of text.split("\n")) {
    const entry = readEntry(line);
    if (entry === null) continue;
    const there =
      entry.file === null || (await stat(join(workspace.root, entry.file)).catch(() => null)) !== null;
    if (there) entries.push(entry);
  }
  return entries;
}

function readEntry(line: string): Asked | null {
  const parsed = entryForm.safeParse(parseLine(line));
  if (!parsed.success) return null;
  const spans = (list: [number, number][]) => list.map(([from, to]) => span(from, to));
  const { wanted, lacking, at, ...rest } = parsed.data;
  return { ...rest, at: at as EpochMs, wanted: spans(wanted), lacking: spans(lacking) };
}

/** Appends a line and syncs it: the last step of a request, so its file is on the disk. */
export async function appendJournal(workspace: Workspace, entry: Asked): Promise<void> {
  const pairs = (spans: readonly TimeSpan[]) => spans.map(({ from, to }) => [from, to]);
  const line = { ...entry, wanted: pairs(entry.wanted), lacking: pairs(entry.lacking) };
  await appendLine(pathOf(workspace), line);
}

/** The requested ranges of a symbol, by interval. */
export function askedSpans(journal: readonly Asked[], symbol: string): AskedSpans {
  return byInterval(journal, symbol, ({ wanted }) => wanted);
}

/** The parts of them that were received. */
export function receivedSpans(journal: readonly Asked[], symbol: string): AskedSpans {
  return byInterval(journal, symbol, ({ wanted, lacking }) => subtract(wanted, lacking));
}

function byInterval(journal: readonly Asked[], symbol: string, spansOf: (entry: Asked) => TimeSpan[]) {
  const own = journal.filter((entry) => entry.symbol === symbol);
  const of = (interval: string) => own.filter((entry) => entry.interval === interval).flatMap(spansOf);
  return Object.fromEntries(Object.keys(INTERVALS).map((interval) => [interval, of(interval)])) as AskedSpans;
}

/** The first day of which minutes were requested; null without one. */
export function firstAskedDay(journal: readonly Asked[]): Day | null {
  const starts = journal.flatMap(({ interval, wanted, file }) =>
    interval === "1m" && file !== null ? wanted.map(({ from }) => from) : [],
  );
  return starts.length === 0 ? null : dayOf(Math.min(...starts) as EpochMs);
}

/** The path of a response: the same request has the same name, so that a repeated one is not read twice. */
export function answerPath(journal: readonly Asked[], request: KlineRequest): string {
  const { symbol, interval, from, to } = request;
  const stamp = (time: number) => new Date(time).toISOString().slice(0, 16).replaceAll(":", "");
  const folder = interval === "1d" ? "daily" : "backfill";
  const name = `data/raw/${symbol}/${folder}/${symbol}-${interval}-${stamp(from)}-${stamp(to)}`;
  const taken = new Set(journal.map(({ file }) => file));
  let path = `${name}.csv`;
  for (let i = 2; taken.has(path); i += 1) path = `${name}-${i}.csv`;
  return path;
}
