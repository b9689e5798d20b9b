import { rm } from "node:fs/promises";
import { writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { csvLines } from "../lake/write.ts";
import { type TimeSpan, toIso } from "../time/epoch.ts";
import { INTERVALS, type Interval } from "../venues/venueInterval.ts";

/** Missing candles: those of one symbol and interval that open in [from, to). */
export interface Missing extends TimeSpan {
  symbol: string;
  interval: Interval;
}

type Side = "rest" | "archive";

const COLUMNS = ["symbol", "interval", "from", "to", "candles"];

const nameOf = (side: Side) => `data/missing_${side}.csv`;

const candlesOf = ({ interval, from, to }: Missing) => (to - from) / INTERVALS[interval];

/**
 * Writes the exact list of missing data: `symbol,interval,from,to,candles`, times ISO 8601 in UTC, `to` exclusive; it
 * replaces that of an earlier call.
 * @returns its path, relative to the workspace
 */
export async function writeMissing(
  workspace: Workspace,
  side: Side,
  missing: readonly Missing[],
): Promise<string> {
  const rows = missing.map((one) => ({
    ...one,
    from: toIso(one.from),
    to: toIso(one.to),
    candles: candlesOf(one),
  }));
  const head = `${COLUMNS.join(",")}\n`;
  await writeFileWhole(inWorkspace(workspace, nameOf(side)), head + csvLines(COLUMNS, rows));
  return nameOf(side);
}

/** Removes the list of an earlier call when everything was received. */
export async function forgetMissing(workspace: Workspace, side: Side): Promise<void> {
  await rm(inWorkspace(workspace, nameOf(side)), { force: true });
}

/** By symbol and interval: the number of candles, and their first and last day. */
export function missingInWords(missing: readonly Missing[]): string {
  const groups = Map.groupBy(missing, ({ symbol, interval }) => `${symbol} ${interval}`);
  const words = [...groups].map(([name, list]) => {
    const count = list.reduce((sum, one) => sum + candlesOf(one), 0);
    const day = (time: number) => new Date(time).toISOString().slice(0, 10);
    const last = Math.max(...list.map(({ to }) => to)) - 1;
    return `${count} candles of ${name} (${day(list[0].from)} – ${day(last)})`;
  });
  return words.length === 0 ? "nothing" : words.join(", ");
}
