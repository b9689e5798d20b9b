import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { parseLine } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { Manifest, Version } from "../lake/manifest.ts";
import type { Day } from "../time/day.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";

/** Records of the topic that a day of the stream was made from. */
export interface TopicShare {
  partition: number;
  /** Offsets, both included. */
  first: number;
  last: number;
  /** Messages of the symbol and day between the two. */
  messages: number;
}

/** Where a day of the stream comes from. */
export interface TopicOrigin {
  topic: string;
  shares: TopicShare[];
  /** Minutes that REST brought, because messages were lost or the symbol had fallen silent. */
  fetched: number;
}

/** A question that the exchange's REST side was asked, and the file in which its answer is kept. */
export interface RestRequest {
  /** `1m`, `1d`. */
  interval: string;
  /** What was asked for, ISO 8601, the end excluded. */
  from: string;
  to: string;
  /** The exchange's time when it answered. */
  at: string;
  /** Relative to the workspace. */
  file: string;
  /** Hexadecimal. */
  sha256: string;
}

const sourceForm = z.object({
  symbol: z.string(),
  day: z.string(),
  partitions: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
  fetched: z.number(),
});

const streamFacts = z.object({ topic: z.string(), days: z.array(sourceForm) });

/** Beside the rows of `streaming_output`: a line of JSON for each closed day; a later line of the same day counts. */
const SOURCES = "_sources.jsonl";

/**
 * What the stream's table says of where a day comes from, or null: days that were closed before this was kept have none.
 * @param version of `streaming_output` or `streaming_output_batch`: its manifest has the open days, and of tables
 *   from before the file beside them all days
 */
export async function topicOrigin(version: Version, symbol: string, day: Day): Promise<TopicOrigin | null> {
  const facts = streamFacts.safeParse(version.manifest.facts).data;
  if (facts === undefined) return null;
  const isMine = (one: { symbol: string; day: string }) => one.symbol === symbol && one.day === day;
  const mine = facts.days.find(isMine) ?? (await closedSource(version, isMine));
  if (mine === undefined) return null;
  const shares = mine.partitions.map(([partition, first, last, messages]) => ({
    ...{ partition, first, last, messages },
  }));
  return { topic: facts.topic, shares, fetched: mine.fetched };
}

async function closedSource(
  { folder, manifest }: Version,
  isMine: (one: { symbol: string; day: string }) => boolean,
): Promise<z.infer<typeof sourceForm> | undefined> {
  if (!manifest.parts.some(({ path }) => path === SOURCES)) return undefined;
  let mine: z.infer<typeof sourceForm> | undefined;
  const input = createReadStream(join(folder, SOURCES));
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const source = sourceForm.parse(JSON.parse(line));
    if (isMine(source)) mine = source;
  }
  return mine;
}

// What provenance needs of data/raw/backfill.jsonl; the stage that writes it keeps more.
const askedForm = z.object({
  symbol: z.string(),
  interval: z.string(),
  wanted: z.array(z.tuple([z.number(), z.number()])).min(1),
  file: z.string(),
  at: z.number(),
});

/**
 * The requests whose answers are in files: of daily candles the one that the day's row was read from, of minutes those
 * of the files named.
 * @param files raw files with their SHA-256, by path
 */
export async function restRequests(
  workspace: Workspace,
  files: ReadonlyMap<string, string>,
): Promise<RestRequest[]> {
  const text = await readFile(inWorkspace(workspace, "data", "raw", "backfill.jsonl"), "utf8").catch(
    () => "",
  );
  return text.split("\n").flatMap((line): RestRequest[] => {
    const asked = askedForm.safeParse(parseLine(line)).data;
    const sha256 = files.get(asked?.file ?? "");
    if (asked === undefined || sha256 === undefined) return [];
    const { interval, wanted, file, at } = asked;
    const iso = (time: number) => toIso(time as EpochMs);
    const [from, to] = [wanted[0][0], wanted[wanted.length - 1][1]];
    return [{ interval, from: iso(from), to: iso(to), at: iso(at), file, sha256 }];
  });
}

/**
 * The file of fetched daily candles that a day's row was read from, with its SHA-256: the last one that has the day,
 * as the table reads it.
 * @param manifest of `daily_backfill`; its inputs are those files, in the order in which they came
 */
export async function dailyAnswer(
  workspace: Workspace,
  manifest: Manifest,
  symbol: string,
  day: Day,
): Promise<Map<string, string>> {
  const folder = `data/raw/${symbol}/`;
  const start = Date.parse(day);
  for (const { name, version } of manifest.inputs.toReversed()) {
    if (!name.startsWith(folder)) continue;
    const text = await readFile(inWorkspace(workspace, name), "utf8").catch(() => "");
    // Times are milliseconds, from 2025 on microseconds.
    if (text.split("\n").some((line) => [`${start}`, `${start}000`].includes(line.split(",", 1)[0]))) {
      return new Map([[name, version]]);
    }
  }
  return new Map();
}
