import { join } from "node:path";
import { type CandlebookError, inputError } from "../core/errors.ts";
import type { LakePool } from "../lake/pool.ts";
import { literal } from "../lake/session.ts";
import { isOtherScale, OTHER_SCALE } from "../recognition/neighbours.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, toIso } from "../time/epoch.ts";
import type { RawFile } from "./files.ts";
import type { RawEntry } from "./rawManifest.ts";
import type { ImportPart } from "./report.ts";

/** A file's candles of one symbol. */
interface Span {
  entry: RawEntry;
  file: RawFile;
  first: number;
  last: number;
  low: number;
  high: number;
}

/** What is compared, and how parts of imports are found. */
export interface OneMarketQuestion {
  entries: readonly RawEntry[];
  files: readonly RawFile[];
  /** Paths of files that were read now: files that were together before are not compared again. */
  fresh: ReadonlySet<string>;
  partsOf(entry: RawEntry): Promise<{ folder: string; parts: ImportPart[] }>;
}

/** Files further apart are no neighbours: prices have the time to change fivefold. */
export const NEIGHBOURS_MS = 31 * DAY_MS;
const SHARED_MINUTES = 3;

/**
 * Whether the files of each symbol are of one market: of two that share minutes, most must agree, and neighbours have
 * prices of one scale. Minutes fetched to close a gap are not compared.
 * @returns the files that are refused, by path
 */
export async function filesOfOtherMarkets(
  pool: LakePool,
  question: OneMarketQuestion,
): Promise<Map<string, CandlebookError>> {
  const refused = new Map<string, CandlebookError>();
  for (const own of spansBySymbol(question)) await refuseOfSymbol(pool, own, question, refused);
  return refused;
}

/** Adds the files of a symbol that are refused. */
async function refuseOfSymbol(
  pool: LakePool,
  [symbol, spans]: readonly [string, readonly Span[]],
  question: OneMarketQuestion,
  refused: Map<string, CandlebookError>,
): Promise<void> {
  for (const [one, error] of otherScales(symbol, spans, question.fresh)) refused.set(one.entry.path, error);
  const isRefused = ({ entry }: Span) => refused.has(entry.path);
  for (const [i, later] of spans.entries()) {
    const inside = isRefused(later) ? null : await repeats(pool, symbol, later, question);
    if (inside !== null) refused.set(later.entry.path, inside);
    for (const earlier of spans.slice(0, i).filter((one) => isCompared(one, later, question.fresh))) {
      if (isRefused(earlier) || isRefused(later)) continue;
      const [other, own] = refusedLast(earlier, later, question.fresh);
      const error = await disagreement(pool, symbol, [other, own], question);
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

function spansBySymbol({ entries, files }: OneMarketQuestion): Map<string, Span[]> {
  const bySymbol = new Map<string, Span[]>();
  for (const entry of entries) {
    const file = files.find(({ path }) => path === entry.path);
    if (entry.origin !== "batch" || entry.problem !== null || file === undefined) continue;
    for (const [symbol, { first, last, low, high }] of Object.entries(entry.facts?.symbols ?? {})) {
      if (low === undefined || high === undefined) continue;
      bySymbol.set(symbol, [...(bySymbol.get(symbol) ?? []), { entry, file, first, last, low, high }]);
    }
  }
  for (const spans of bySymbol.values())
    spans.sort((a, b) => a.first - b.first || (a.entry.path < b.entry.path ? -1 : 1));
  return bySymbol;
}

/** Of two files, the one that is refused comes last: the one that was read now, else the later path. */
function refusedLast(a: Span, b: Span, fresh: ReadonlySet<string>): [Span, Span] {
  const [freshA, freshB] = [fresh.has(a.entry.path), fresh.has(b.entry.path)];
  if (freshA !== freshB) return freshA ? [b, a] : [a, b];
  return a.entry.path < b.entry.path ? [a, b] : [b, a];
}

/** Neighbours whose ranges of prices lie more than fivefold apart; the one with fewer files of its scale is refused. */
function otherScales(
  symbol: string,
  spans: readonly Span[],
  fresh: ReadonlySet<string>,
): [Span, CandlebookError][] {
  const filesOfScale = (one: Span) => spans.filter((other) => !isOtherScale(one, other)).length;
  const settled = ({ entry: { reading } }: Span) =>
    reading.decimal !== undefined || reading.allowConflicts === true;
  const found: [Span, CandlebookError][] = [];
  for (const [i, later] of spans.entries()) {
    const earlier = spans[i - 1];
    if (earlier === undefined || later.first - earlier.last > NEIGHBOURS_MS || !isOtherScale(earlier, later))
      continue;
    const [a, b] = [filesOfScale(earlier), filesOfScale(later)];
    const [other, own] =
      a === b ? refusedLast(earlier, later, fresh) : a > b ? [earlier, later] : [later, earlier];
    if (settled(own)) continue;
    const range = ({ low, high }: Span) => `${low} to ${high}`;
    const error = inputError(
      "other_scale",
      `${own.file.given}: its prices of ${symbol} are ${range(own)}, those of the neighbouring ${other.file.given} ${range(other)}: more than ${OTHER_SCALE} times apart.`,
      "State the decimal mark, --decimal . or --decimal , or the file's own pair, SYMBOL=PATH.",
    );
    found.push([own, error]);
  }
  return found;
}

/** Of a file's minutes, the share that has to be there twice before its repeats are looked at. */
const MANY_REPEATS = 0.1;
const LONG_FILE = 50_000;

/** Two markets in one file: many minutes are there twice, and most of them open at different prices. */
async function repeats(
  pool: LakePool,
  symbol: string,
  { entry, file, first, last }: Span,
  { partsOf, fresh }: OneMarketQuestion,
): Promise<CandlebookError | null> {
  const rows = entry.facts?.symbols[symbol]?.rows ?? 0;
  if (entry.reading.allowConflicts || !fresh.has(entry.path)) return null;
  // In a long file, many repeats are more rows than there are minutes; to look for them takes a tenth of the reading.
  const minutesAtMost = (last - first) / MINUTE_MS + 1;
  if (rows > LONG_FILE && rows < minutesAtMost * (1 + MANY_REPEATS / 2)) return null;
  const { folder, parts } = await partsOf(entry);
  const own = parts.filter(({ path }) => path.startsWith(`${symbol}/`));
  if (own.every(({ span }) => span !== null) && !overlap(own)) return null;
  const paths = own.map(({ path }) => literal(join(folder, path)));
  const [found] = await pool.use((lake) =>
    lake.rows<{ minutes: number; shared: number; differing: number; example: number | null }>(
      `SELECT count(*)::DOUBLE AS minutes, (count(*) FILTER (n > 1))::DOUBLE AS shared,
         (count(*) FILTER (apart))::DOUBLE AS differing, (min(epoch_ms(open_time)) FILTER (apart))::DOUBLE AS example
       FROM (SELECT open_time, count(*) AS n, max(open) - min(open) > 1e-7 * max(open) AS apart
         FROM read_parquet([${paths.join(", ")}]) GROUP BY open_time)`,
    ),
  );
  const { minutes, shared, differing, example } = found;
  if (shared < SHARED_MINUTES || shared < minutes * MANY_REPEATS || differing <= shared / 2) return null;
  return inputError(
    "conflicting_files",
    `${file.given} has ${shared} of ${minutes} minutes of ${symbol} twice, and ${differing} of them open at different prices, the first at ${toIso(example as EpochMs)}: two markets, or two zones, in one file.`,
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
  symbol: string,
  [other, own]: readonly [Span, Span],
  { partsOf }: OneMarketQuestion,
): Promise<CandlebookError | null> {
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
  if (shared < SHARED_MINUTES || differing <= shared / 2) return null;
  return inputError(
    "conflicting_files",
    `${own.file.given} and ${other.file.given} have ${shared} minutes of ${symbol} in common, and ${differing} of them differ, the first at ${toIso(first as EpochMs)}: two markets, or two units, under one name.`,
    "Name each market by its own pair, SYMBOL=PATH; or take both all the same: --allow-conflicts.",
  );
}
