import { join } from "node:path";
import { type CandlebookError, inputError } from "../core/errors.ts";
import { duckdbDialect } from "../lake/dialect.ts";
import type { LakePool } from "../lake/pool.ts";
import { literal } from "../lake/session.ts";
import { OTHER_SCALE } from "../recognition/neighbours.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { divides, INTERVALS, type Interval, nextOpenTime } from "../time/interval.ts";
import type { RawFile } from "./files.ts";
import { isOpenTimeSql } from "./intervalSql.ts";
import { lineOfCandle } from "./lineOfCandle.ts";
import {
  apartByFacts,
  apartByVenue,
  hasNoStep,
  refusedLast,
  type Span,
  spansBySeries,
} from "./neighbourFiles.ts";
import type { RawEntry } from "./rawManifest.ts";
import type { ImportPart } from "./report.ts";

/** What is compared, and how parts of imports are found. */
export interface OneMarketQuestion {
  entries: readonly RawEntry[];
  files: readonly RawFile[];
  /** Paths of files that were read now: files that were together before are not compared again. */
  fresh: ReadonlySet<string>;
  partsOf(entry: RawEntry): Promise<{ folder: string; parts: ImportPart[] }>;
}

const SHARED_MINUTES = 3;

/**
 * Whether the files of each symbol are of one series: of two that share minutes, most must agree; neighbours have prices
 * of one scale and volumes of one unit; all are of one venue, and files of a row or two together show minutes. Minutes fetched to close a gap are not compared.
 * @returns the files that are refused, by path
 */
export async function filesOfOtherMarkets(
  pool: LakePool,
  question: OneMarketQuestion,
): Promise<Map<string, CandlebookError>> {
  const refused = new Map<string, CandlebookError>();
  const series = spansBySeries(question);
  for (const spans of series) await refuseOfSeries(pool, spans, question, refused);
  for (const spans of Map.groupBy(series.flat(), ({ symbol }) => symbol).values()) {
    for (const [path, error] of await apartByVenue(spans, question.fresh)) refused.set(path, error);
  }
  return refused;
}

/** Adds the files of a series that are refused. */
async function refuseOfSeries(
  pool: LakePool,
  spans: readonly Span[],
  question: OneMarketQuestion,
  refused: Map<string, CandlebookError>,
): Promise<void> {
  for (const [path, error] of await apartByFacts(spans, question.fresh)) refused.set(path, error);
  const isRefused = ({ entry }: Span) => refused.has(entry.path);
  for (const [i, later] of spans.entries()) {
    const inside = isRefused(later) ? null : await repeats(pool, later, question);
    if (inside !== null) refused.set(later.entry.path, inside);
    for (const earlier of spans.slice(0, i).filter((one) => isCompared(one, later, question.fresh))) {
      if (isRefused(earlier) || isRefused(later)) continue;
      const [other, own] = refusedLast(earlier, later, question.fresh);
      const error = await disagreement(pool, [other, own], question);
      if (error !== null) refused.set(own.entry.path, error);
    }
  }
}

/** Two files that share time, at least one of them read now, and none taken whatever it holds. */
function isCompared(earlier: Span, later: Span, fresh: ReadonlySet<string>): boolean {
  const both = [earlier.entry, later.entry];
  return (
    earlier.last >= later.first &&
    both.some(({ path }) => fresh.has(path)) &&
    !both.some(({ reading }) => reading.allowConflicts)
  );
}

/** Of a file's minutes, the share that has to be there twice before its repeats are looked at. */
const MANY_REPEATS = 0.1;
const LONG_FILE = 500_000;
/** Of the places where longer candles would open, the share that has them. */
const NEARLY_ALL = 0.9;
/** Intervals that candles of one can be together, longest first. */
function longerThan(interval: Interval): Interval[] {
  return INTERVALS.filter((one) => one !== interval && divides(interval, one)).reverse();
}

/** Candles of an interval, in words. */
const named = (interval: Interval) => (interval === "1m" ? "minutes" : `candles of ${interval}`);

/**
 * SQL for whether the rows of one minute contradict each other: they are no repeats, and not one candle as it grows, in
 * which the row of the greatest volume has the whole range of prices. Volumes that are the price apart are of two units.
 */
const CONTRADICTS = (() => {
  const far = (name: string) => `max(${name}) - min(${name}) > 1e-7 * max(${name})`;
  const prices = ["high", "low", "close"].map(far).join(" OR ");
  const narrower = `arg_max(high, (volume, high)) < max(high) * (1 - 1e-7) OR arg_max(low, (volume, -low)) > min(low) * (1 + 1e-7)`;
  const price = "greatest(min(low), 1 / max(high))";
  const units = `max(volume) / min(volume) BETWEEN ${price} * 0.95 AND greatest(max(high), 1 / min(low)) * 1.05`;
  return `(${far("open")} OR ${narrower} OR (max(volume) = min(volume) AND (${prices}))
    OR (min(volume) > 0 AND ${price} > ${OTHER_SCALE} AND NOT (${prices}) AND ${units}))`;
})();

interface FoundRepeats {
  minutes: number;
  /** Minutes that are there twice; of them those whose rows contradict each other, and those where one holds the other. */
  shared: number;
  differing: number;
  growing: number;
  example: number | null;
  /** The first and the last minute that is there twice. */
  from: number | null;
  to: number | null;
  /** By the intervals of `longerThan`, how many of the repeated minutes are on their grid. */
  onGrid: number[];
}

/** Candles that lie over minutes at each place of a longer interval, and nowhere else; null where there are none. */
function longerCandles(
  interval: Interval,
  { shared, growing, from, to, onGrid }: FoundRepeats,
): Interval | null {
  if (shared < SHARED_MINUTES || growing < shared * NEARLY_ALL || from === null || to === null) return null;
  const longer = longerThan(interval).find((_, i) => onGrid[i] === shared);
  if (longer === undefined) return null;
  const length = nextOpenTime(from, longer) - from;
  return shared >= ((to - from) / length + 1) * NEARLY_ALL ? longer : null;
}

/** Two markets in one file: many minutes are there twice, and most of them differ. */
async function repeats(
  pool: LakePool,
  { symbol, interval, entry, file, first, last }: Span,
  { partsOf, fresh }: OneMarketQuestion,
): Promise<CandlebookError | null> {
  const rows = entry.facts?.symbols[symbol]?.rows ?? 0;
  if (entry.reading.allowConflicts || !fresh.has(entry.path)) return null;
  // In a long file, many repeats are more rows than there are minutes; to look for them takes a tenth of the reading.
  const atMost = (last - first) / (nextOpenTime(first, interval) - first) + 1;
  if (rows > LONG_FILE && rows < atMost * (1 + MANY_REPEATS / 2)) return null;
  const { folder, parts } = await partsOf(entry);
  const own = parts.filter(({ path }) => path.startsWith(`${symbol}/`));
  if (own.every(({ span }) => span !== null) && !overlap(own)) return null;
  const paths = own.map(({ path }) => literal(join(folder, path)));
  const onGrid = longerThan(interval).map(
    (one) => `count(*) FILTER (n > 1 AND ${isOpenTimeSql("epoch_ms(open_time)", one, duckdbDialect)})`,
  );
  const [found] = await pool.use((lake) =>
    lake.rows<FoundRepeats>(
      `SELECT count(*)::DOUBLE AS minutes, (count(*) FILTER (n > 1))::DOUBLE AS shared,
         (count(*) FILTER (apart))::DOUBLE AS differing, (min(epoch_ms(open_time)) FILTER (apart))::DOUBLE AS example,
         (count(*) FILTER (grows))::DOUBLE AS growing, (min(epoch_ms(open_time)) FILTER (n > 1))::DOUBLE AS "from",
         (max(epoch_ms(open_time)) FILTER (n > 1))::DOUBLE AS "to",
         [${onGrid.join(", ")}]::DOUBLE[] AS onGrid
       FROM (SELECT open_time, count(*) AS n, ${CONTRADICTS} AS apart,
           max(volume) > min(volume) AND arg_max(high, volume) >= max(high) AND arg_max(low, volume) <= min(low) AS grows
         FROM read_parquet([${paths.join(", ")}]) GROUP BY open_time)`,
    ),
  );
  const longer = longerCandles(interval, found);
  if (longer !== null) {
    const from = await lineOfCandle(file, symbol, found.from as EpochMs);
    return inputError(
      "mixed_intervals",
      `${file.given} has ${found.shared} ${named(interval)} of ${symbol} twice, all of them ${longer} apart, from ${toIso(found.from as EpochMs)} on (${from}): candles of two lengths, ${interval} and ${longer}.`,
      "Give each length a file of its own; or take it all the same: --allow-conflicts.",
    );
  }
  const { minutes, shared, differing, example } = found;
  if (shared < SHARED_MINUTES || shared < minutes * MANY_REPEATS || differing <= shared / 2) return null;
  const where = await lineOfCandle(file, symbol, example as EpochMs);
  return inputError(
    "conflicting_files",
    `${file.given} has ${shared} of ${minutes} ${named(interval)} of ${symbol} twice, and ${differing} of them differ, the first at ${toIso(example as EpochMs)} (${where}): two markets, two zones, or two units of volume, in one file.`,
    "Give each market a file of its own; or take it all the same: --allow-conflicts.",
  );
}

/** Whether the parts of one symbol overlap in time. */
function overlap(parts: readonly ImportPart[]): boolean {
  const spans = parts.map(({ span }) => span as [number, number]).sort(([a], [b]) => a - b);
  return spans.some(([from], i) => i > 0 && from <= spans[i - 1][1]);
}

async function disagreement(
  pool: LakePool,
  [other, own]: readonly [Span, Span],
  { partsOf }: OneMarketQuestion,
): Promise<CandlebookError | null> {
  const { symbol, interval } = own;
  const [a, b] = await Promise.all(
    [own, other].map(async ({ entry }) => {
      const { folder, parts } = await partsOf(entry);
      const paths = parts
        .filter(({ path }) => path.startsWith(`${symbol}/`))
        .map(({ path }) => literal(join(folder, path)));
      return `(SELECT DISTINCT ON (open_time) * FROM read_parquet([${paths.join(", ")}]) ORDER BY open_time, volume DESC, close, high, low, open)`;
    }),
  );
  const [from, to] = [Math.max(own.first, other.first), Math.min(own.last, other.last)];
  const far = (name: string, share: number) =>
    `abs(a.${name} - b.${name}) > ${share} * greatest(a.${name}, b.${name})`;
  const differs = `(${["open", "high", "low", "close"].map((name) => far(name, 1e-7)).join(" OR ")} OR ${far("volume", 0.02)})`;
  const [found] = await pool.use((lake) =>
    lake.rows<{ shared: number; differing: number; first: number | null }>(
      `SELECT count(*)::DOUBLE AS shared, (count(*) FILTER (${differs}))::DOUBLE AS differing,
         (min(epoch_ms(open_time)) FILTER (${differs}))::DOUBLE AS first
       FROM ${a} AS a JOIN ${b} AS b USING (open_time)
       WHERE open_time BETWEEN make_timestamptz(${from * 1000}) AND make_timestamptz(${to * 1000})`,
    ),
  );
  const { shared, differing, first } = found;
  const telling = hasNoStep(own) || hasNoStep(other) ? 1 : SHARED_MINUTES;
  if (shared < telling || differing <= shared / 2) return null;
  const [here, there] = await Promise.all(
    [own, other].map(({ file }) => lineOfCandle(file, symbol, first as EpochMs)),
  );
  return inputError(
    "conflicting_files",
    `${own.file.given} and ${other.file.given} have ${shared} ${named(interval)} of ${symbol} in common, and ${differing} of them differ, the first at ${toIso(first as EpochMs)} (${here}; ${there}): two markets, units or intervals under one name.`,
    "Name each market by its own pair, SYMBOL=PATH; or take both all the same: --allow-conflicts.",
  );
}
