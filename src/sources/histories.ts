import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import type { Manifest } from "../lake/manifest.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { readingTable, type SeriesTable } from "../lake/seriesTables.ts";
import type { Lake } from "../lake/session.ts";
import { addDays, type Day, dayOf, startOfDay } from "../time/day.ts";
import { DAY_MS, type EpochMs, type TimeSpan } from "../time/epoch.ts";
import { divides, floorToInterval, INTERVALS, type Interval, nextOpenTime } from "../time/interval.ts";
import { venue } from "../venues/registry.ts";
import { INTERVALS as INTERVAL_MS, type Interval as VenueInterval } from "../venues/venueInterval.ts";
import { readLocalArchive } from "./localArchive.ts";
import { span, unite, wholeDays } from "./spans.ts";

/** One series of a symbol: its first and last candle, and the gaps between. */
export interface CandleHistory {
  symbol: string;
  present: TimeSpan;
  gaps: TimeSpan[];
  /**
   * The time that the files cover: from the first to the last candle of each, and the months and days of the
   * archive's. Nothing is known about the time between two files. Empty without gaps.
   */
  covered: TimeSpan[];
}

export interface HistoryOptions {
  /** Default: all that have such candles. */
  symbols?: readonly string[];
  /** Of the candles; minutes: the finest candles of each symbol, of others than minutes the whole days. */
  interval: VenueInterval;
}

export interface Histories {
  histories: CandleHistory[];
  source: Source;
}

/**
 * The history of each symbol that has clean candles of the interval: for minutes with the gaps of the table `gaps`, for
 * others with those between the candles.
 * @throws CandlebookError `no_clean_minutes`, `no_clean_candles`, `no_gaps`
 */
export async function readHistories(
  workspace: Workspace,
  lake: Lake,
  { symbols, interval }: HistoryOptions,
): Promise<Histories> {
  const own = interval === "1m" ? await finestSeries(workspace) : await seriesOf(workspace, interval);
  const found = own.filter(({ version }) => symbols?.includes(symbolOf(version)) ?? true);
  const lacking = symbols?.find((symbol) => !found.some(({ version }) => symbolOf(version) === symbol));
  if (found.length === 0 || lacking !== undefined)
    throw noCandles(
      interval,
      lacking,
      own.map(({ version }) => symbolOf(version)),
    );
  const localArchive = await readLocalArchive(workspace);
  const histories =
    interval === "1m"
      ? await minuteHistories({ workspace, lake, localArchive }, found)
      : await Promise.all(found.map((one) => historyOf({ workspace, lake, localArchive }, one, interval)));
  return { histories, source: found[0].version.manifest.source };
}

const symbolOf = ({ manifest }: TableVersion) => manifest.facts.symbol as string;

function noCandles(interval: Interval, symbol: string | undefined, known: readonly string[]): Error {
  const what = interval === "1m" ? "minutes" : `candles of ${interval}`;
  return inputError(
    interval === "1m" ? "no_clean_minutes" : "no_clean_candles",
    symbol === undefined ? `There are no clean ${what}.` : `There are no clean ${what} of ${symbol}.`,
    `${didYouMean(symbol, known)}Run first: candlebook run --csv PATH --until daily, or candlebook ingest, clean and daily.`,
  );
}

interface CleanSeries {
  interval: Interval;
  version: TableVersion;
}

interface Reading {
  workspace: Workspace;
  lake: Lake;
  localArchive: ReadonlyMap<string, unknown>;
}

/** The history of a series by its own candles. */
async function historyOf(
  reading: Reading,
  { version }: CleanSeries,
  interval: VenueInterval,
): Promise<CandleHistory> {
  const { first, last } = version.manifest.facts as { first: number; last: number };
  const length = INTERVAL_MS[interval];
  const rows = await reading.lake.rows<{ from: number; to: number }>(
    `SELECT (before + ${length})::DOUBLE AS "from", ms::DOUBLE AS "to" FROM (
       SELECT epoch_ms(open_time) AS ms, lag(epoch_ms(open_time)) OVER (ORDER BY open_time) AS before
       FROM ${version.sql}) WHERE ms - before > ${length}`,
  );
  const gaps = rows.map(({ from, to }) => span(from, to));
  const symbol = symbolOf(version);
  const covered = await coverOf(reading, symbol, interval);
  return { symbol, present: span(first, nextOpenTime(last, interval)), gaps: unite(gaps), covered };
}

/** The histories of minutes, or of each symbol's finest candles in whole days, by the table `gaps`. */
async function minuteHistories(reading: Reading, found: readonly CleanSeries[]): Promise<CandleHistory[]> {
  const { workspace, lake } = reading;
  const table = await readTable(workspace, "gaps");
  if (table === null) {
    throw inputError("no_gaps", "The table gaps does not exist yet.", "Run first: candlebook daily.");
  }
  const rows = await lake.rows<{ symbol: string; from: number; to: number }>(
    `SELECT symbol, epoch_ms(start)::DOUBLE AS "from", epoch_ms("end")::DOUBLE AS "to" FROM ${table.sql}`,
  );
  const histories: CandleHistory[] = [];
  for (const { interval, version } of found) {
    const symbol = symbolOf(version);
    const present = presentOf(version.manifest, interval);
    const all = rows.filter((row) => row.symbol === symbol).map(({ from, to }) => span(from, to));
    const own = all.filter(({ from }) => from >= present.from);
    const gaps = interval === "1m" ? own : own.flatMap((gap) => wholeDays(gap).days);
    const covered = interval !== "1m" || rows.length === 0 ? [] : await coverOf(reading, symbol, interval);
    histories.push({ symbol, present, gaps, covered });
  }
  return histories;
}

/** The finest clean candles of each symbol that days can be folded from. */
async function finestSeries(workspace: Workspace): Promise<CleanSeries[]> {
  const series = (await publishedSeries(workspace))
    .filter(({ interval, isClean }) => isClean && divides(interval, "1d"))
    .sort((a, b) => INTERVALS.indexOf(a.interval) - INTERVALS.indexOf(b.interval));
  const finest = [...Map.groupBy(series, ({ asset }) => asset).values()].map(([first]) => first);
  return versionsOf(workspace, finest);
}

/** The clean candles of an interval of each symbol. */
async function seriesOf(workspace: Workspace, interval: Interval): Promise<CleanSeries[]> {
  const series = await publishedSeries(workspace);
  return versionsOf(
    workspace,
    series.filter((one) => one.isClean && one.interval === interval),
  );
}

async function versionsOf(workspace: Workspace, series: readonly SeriesTable[]): Promise<CleanSeries[]> {
  const versions = series.map(async ({ table, interval }) => {
    const version = await readTable(workspace, table);
    return version === null ? null : { interval, version };
  });
  return (await Promise.all(versions)).filter((one) => one !== null);
}

/** From the first candle to the end of the last; of other candles than minutes in whole days, because only these are requested. */
function presentOf({ facts }: Manifest, interval: Interval): TimeSpan {
  const [from, to] = [facts.first as number, nextOpenTime(facts.last as number, interval)];
  if (interval === "1m") return span(from, to);
  return span(floorToInterval(from, "1d"), nextOpenTime(to - 1, "1d"));
}

async function coverOf(
  { workspace, lake, localArchive }: Reading,
  symbol: string,
  interval: Interval,
): Promise<TimeSpan[]> {
  const candles = await readTable(workspace, readingTable(symbol, interval));
  const files =
    candles === null
      ? []
      : await lake.rows<{ first: number; last: number }>(
          `SELECT epoch_ms(min(open_time))::DOUBLE AS first, epoch_ms(max(open_time))::DOUBLE AS last
           FROM ${candles.sql} WHERE origin = 'batch' GROUP BY file_id`,
        );
  const archived = [...localArchive.keys()]
    .map((name) => venue.archive.fileOfName(name))
    .filter((file) => file?.symbol === symbol && file.interval === interval)
    .filter((file) => file !== null);
  return unite([
    ...files.map(({ first, last }) => span(first, nextOpenTime(last, interval))),
    ...archived.map(({ from, to }) => span(from, to)),
  ]);
}

/** Yesterday, UTC. */
export function yesterday(workspace: Workspace): Day {
  return addDays(dayOf(workspace.clock() as EpochMs), -1);
}

/** The ranges before the first candle, starting at `from`, and after the last, through `to`. */
export function endGaps({ present }: CandleHistory, from: Day | undefined, to: Day): TimeSpan[] {
  const head = from === undefined ? present.from : startOfDay(from);
  const tail = startOfDay(to) + DAY_MS;
  return [span(head, present.from), span(present.to, tail)].filter((one) => one.to > one.from);
}
