import type { Source } from "../candle/candle.ts";
import { assetOf } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import type { Manifest } from "../lake/manifest.ts";
import { readTable } from "../lake/read.ts";
import type { Lake } from "../lake/session.ts";
import { addDays, type Day, dayOf, startOfDay } from "../time/day.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { divides, floorToInterval, INTERVALS, type Interval, nextOpenTime } from "../time/interval.ts";
import { venue } from "../venues/registry.ts";
import { readLocalArchive } from "./localArchive.ts";
import { type Span, span, unite, wholeDays } from "./spans.ts";

/** One symbol's finest candles: their first and last, and the gaps between; only whole days where they are no minutes. */
export interface MinuteHistory {
  symbol: string;
  present: Span;
  holes: Span[];
  /**
   * The time that the files cover: from the first to the last minute of each, and the months and days of the
   * archive's. Nothing is known about the time between two files. Empty without gaps.
   */
  covered: Span[];
}

/**
 * The history of each symbol that has clean minutes, with its gaps from the table `gaps`.
 * @throws CandlebookError `no_clean_minutes`, `no_gaps`
 */
export async function readHistories(
  workspace: Workspace,
  lake: Lake,
  symbols?: readonly string[],
): Promise<{ histories: MinuteHistory[]; source: Source }> {
  const all = (await finestSeries(workspace)).map(({ interval, manifest }) => ({
    interval,
    symbol: manifest.facts.symbol as string,
    present: presentOf(manifest, interval),
    source: manifest.source,
  }));
  const known = all.map(({ symbol }) => symbol);
  const found = all.filter(({ symbol }) => symbols?.includes(symbol) ?? true);
  const lacking = symbols?.find((symbol) => !found.some((one) => one.symbol === symbol));
  if (found.length === 0 || lacking !== undefined) {
    throw inputError(
      "no_clean_minutes",
      lacking === undefined ? "There are no clean minutes." : `There are no clean minutes of ${lacking}.`,
      `${didYouMean(lacking ?? "", known)}Run first: candlebook run --csv PATH --until daily, or candlebook ingest, clean and daily.`,
    );
  }
  const gaps = await readTable(workspace, "gaps");
  if (gaps === null) {
    throw inputError("no_gaps", "The table gaps does not exist yet.", "Run first: candlebook daily.");
  }
  const rows = await lake.rows<{ symbol: string; from: number; to: number }>(
    `SELECT symbol, epoch_ms(start)::DOUBLE AS "from", epoch_ms("end")::DOUBLE AS "to" FROM ${gaps.sql}`,
  );
  const localArchive = await readLocalArchive(workspace);
  const histories: MinuteHistory[] = [];
  for (const { symbol, interval, present } of found) {
    const all = rows.filter((row) => row.symbol === symbol).map(({ from, to }) => span(from, to));
    const own = all.filter(({ from }) => from >= present.from);
    const holes = interval === "1m" ? own : own.flatMap((hole) => wholeDays(hole).days);
    const covered =
      interval !== "1m" || rows.length === 0 ? [] : await coverOf(workspace, lake, symbol, localArchive);
    histories.push({ symbol, present, holes, covered });
  }
  return { histories, source: found[0].source };
}

/** The finest clean candles of each symbol that days can be folded from. */
async function finestSeries(workspace: Workspace): Promise<{ interval: Interval; manifest: Manifest }[]> {
  const series = (await publishedSeries(workspace))
    .filter(({ interval, isClean }) => isClean && divides(interval, "1d"))
    .sort((a, b) => INTERVALS.indexOf(a.interval) - INTERVALS.indexOf(b.interval));
  const finest = [...Map.groupBy(series, ({ asset }) => asset).values()].map(([first]) => first);
  const versions = finest.map(async ({ table, interval }) => {
    const version = await readTable(workspace, table);
    return version === null ? null : { interval, manifest: version.manifest };
  });
  return (await Promise.all(versions)).filter((version) => version !== null);
}

/** From the first candle to the end of the last; of other candles than minutes in whole days, because only these are requested. */
function presentOf({ facts }: Manifest, interval: Interval): Span {
  const [from, to] = [facts.first as number, nextOpenTime(facts.last as number, interval)];
  if (interval === "1m") return span(from, to);
  return span(floorToInterval(from, "1d"), nextOpenTime(to - 1, "1d"));
}

async function coverOf(
  workspace: Workspace,
  lake: Lake,
  symbol: string,
  localArchive: ReadonlyMap<string, unknown>,
): Promise<Span[]> {
  const minutes = await readTable(workspace, `${assetOf(symbol)}_minutes`);
  const files =
    minutes === null
      ? []
      : await lake.rows<{ first: number; last: number }>(
          `SELECT epoch_ms(min(open_time))::DOUBLE AS first, epoch_ms(max(open_time))::DOUBLE AS last
           FROM ${minutes.sql} WHERE origin = 'batch' GROUP BY file_id`,
        );
  const archived = [...localArchive.keys()]
    .map((name) => venue.archive.fileOfName(name))
    .filter((file) => file?.symbol === symbol && file.interval === "1m")
    .filter((file) => file !== null);
  return unite([
    ...files.map(({ first, last }) => span(first, last + MINUTE_MS)),
    ...archived.map(({ from, to }) => span(from, to)),
  ]);
}

/** Yesterday, UTC. */
export function yesterday(workspace: Workspace): Day {
  return addDays(dayOf(workspace.clock() as EpochMs), -1);
}

/** The ranges before the first minute, starting at `from`, and after the last, through `to`. */
export function endHoles({ present }: MinuteHistory, from: Day | undefined, to: Day): Span[] {
  const head = from === undefined ? present.from : startOfDay(from);
  const tail = startOfDay(to) + DAY_MS;
  return [span(head, present.from), span(present.to, tail)].filter((one) => one.to > one.from);
}
