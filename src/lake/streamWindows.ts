import type { Workspace } from "../core/workspace.ts";
import { divides, INTERVALS, type Interval } from "../time/interval.ts";
import { readTable, type TableVersion } from "./read.ts";
import { streamTable } from "./seriesTables.ts";

/** The windows of one length that the stream published, of every symbol. Live days are served days, and not here. */
export interface LiveWindows {
  interval: Interval;
  version: TableVersion;
}

/** The tables of windows that an interval can be folded from, the finest first. */
export async function liveWindows(workspace: Workspace, target: Interval): Promise<LiveWindows[]> {
  const found: LiveWindows[] = [];
  for (const interval of INTERVALS.filter((one) => one !== "1d" && divides(one, target))) {
    const version = await readTable(workspace, streamTable(interval));
    if (version !== null && version.manifest.rows > 0) found.push({ interval, version });
  }
  return found;
}
