import { createHash } from "node:crypto";
import type { DailyCandle } from "../../candle/candle.ts";
import type { Effects } from "../../core/effects.ts";
import { throwIfAborted } from "../../core/errors.ts";
import type { Workspace } from "../../core/workspace.ts";
import { readClaim } from "../../lake/marketClaim.ts";
import type { Published } from "../../lake/publish.ts";
import { streamTable } from "../../lake/seriesTables.ts";
import { dayOf } from "../../time/day.ts";
import type { Interval } from "../../time/interval.ts";
import type { Topic } from "../../topic/topic.ts";
import {
  applyRecord,
  type Counts,
  DAYS,
  emptyOutput,
  emptyState,
  openCandles,
  openWindowsOf,
  type StreamState,
} from "./state.ts";
import { publishWindows, windowTable } from "./streamTables.ts";
import { dayOfWindow } from "./windowCandle.ts";
import { type DaySource, daySource } from "./windowSource.ts";

export interface SnapshotResult {
  /** A row for each symbol and day in the topic, as far as the topic has it. */
  days: DailyCandle[];
  counts: Counts;
  /** The table of each length. */
  tables: { length: Interval; published: Published }[];
}

const POLL_MS = 250;

/**
 * The demo reader: all that is in the topic now, folded as the consumer folds it, without waiting for a window to
 * close → `streaming_output_batch` of days, `streaming_output_batch_<interval>` of other lengths. No row is complete: more
 * messages may follow for every window.
 * @param windows their lengths
 */
export async function snapshot(
  workspace: Workspace,
  topic: Topic,
  effects: Effects = {},
  windows: readonly Interval[] = DAYS,
): Promise<SnapshotResult> {
  const simulated = (await readClaim(workspace))?.market === "simulated";
  const state = emptyState(windows);
  const output = emptyOutput();
  const rules = { topic: topic.id, lateness: Number.POSITIVE_INFINITY, simulated };
  const ranges = await topic.ranges();
  state.partitions = ranges.map(({ first }) => ({
    next: first,
    seen: Number.NEGATIVE_INFINITY,
    digest: null,
  }));
  const reader = await topic.read(ranges.map(({ first }) => first));
  const digest = createHash("sha256");
  try {
    while (ranges.some(({ partition, end }) => state.partitions[partition].next < end)) {
      throwIfAborted(effects.signal);
      for (const record of await reader.next(POLL_MS)) {
        if (record.offset >= ranges[record.partition].end) continue;
        applyRecord(state, output, record, rules);
        state.partitions[record.partition].next = record.offset + 1;
        digest.update(record.value ?? "");
      }
      output.poison.length = 0;
      effects.progress?.({ stage: "snapshot", note: `${state.counts.read} messages` });
    }
  } finally {
    await reader.close();
  }
  const days = openCandles(state, "1d").map(dayOfWindow);
  const input = { name: topic.id, version: digest.digest("hex") };
  const tables = [];
  for (const length of windows) {
    const recipe = {
      table: streamTable(length, "streaming_output_batch"),
      stage: "snapshot",
      parameters: { ranges },
      inputs: [input],
      source: simulated ? ("simulated" as const) : ("binance" as const),
    };
    const rows = () => openCandles(state, length).map(windowTable(length).row);
    const facts = length === "1d" ? () => ({ topic: topic.id, days: daySources(state) }) : undefined;
    tables.push({
      length,
      published: await publishWindows(workspace, effects, recipe, { length, rows, facts }),
    });
  }
  return { days, counts: state.counts, tables };
}

function daySources(state: StreamState): DaySource[] {
  const days = openWindowsOf(state).filter(({ length }) => length === "1d");
  return days.map(({ symbol, start, source }) => daySource(symbol, dayOf(start), source));
}
