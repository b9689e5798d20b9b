import { type CandlebookError, inputError } from "../core/errors.ts";
import { isOtherScale, NEIGHBOURS_MS, OTHER_SCALE } from "../recognition/neighbours.ts";
import { countSteps, shownLength } from "../recognition/steps.ts";
import { type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import type { Interval } from "../time/interval.ts";
import type { RawFile } from "./files.ts";
import { lineOfCandle } from "./lineOfCandle.ts";
import type { RawEntry } from "./rawManifest.ts";
import type { FileFacts } from "./report.ts";

/** A file's candles of one symbol. */
export type Span = FileFacts["symbols"][string] & {
  symbol: string;
  interval: Interval;
  entry: RawEntry;
  file: RawFile;
  low: number;
  high: number;
};

/** The batch files' candles by symbol and interval, in order of time. */
export function spansBySeries(question: {
  entries: readonly RawEntry[];
  files: readonly RawFile[];
}): Span[][] {
  const bySeries = new Map<string, Span[]>();
  for (const entry of question.entries) {
    const file = question.files.find(({ path }) => path === entry.path);
    if (entry.origin !== "batch" || entry.problem !== null || file === undefined) continue;
    for (const [symbol, { low, high, ...found }] of Object.entries(entry.facts?.symbols ?? {})) {
      if (low === undefined || high === undefined) continue;
      const interval = entry.facts?.interval ?? "1m";
      const series = `${symbol} ${interval}`;
      const span = { ...found, symbol, interval, low, high, entry, file };
      bySeries.set(series, [...(bySeries.get(series) ?? []), span]);
    }
  }
  return [...bySeries.values()].map(inTime);
}

function inTime(spans: readonly Span[]): Span[] {
  return spans.toSorted((a, b) => a.first - b.first || (a.entry.path < b.entry.path ? -1 : 1));
}

/** Of two files, the one that is refused is last: the one that was read now, else the later path. */
export function refusedLast(a: Span, b: Span, fresh: ReadonlySet<string>): [Span, Span] {
  const [freshA, freshB] = [fresh.has(a.entry.path), fresh.has(b.entry.path)];
  if (freshA !== freshB) return freshA ? [b, a] : [a, b];
  return a.entry.path < b.entry.path ? [a, b] : [b, a];
}

/** What files of one series have in common. */
interface Rule {
  /** Whether a file says anything of it. */
  counts(span: Span): boolean;
  differ(a: Span, b: Span): boolean;
  /** How far apart in time two files are held against each other. */
  within: number;
  /** Whether the person has settled it for a file. */
  settled(reading: RawEntry["reading"]): boolean;
  error(own: Span, other: Span): CandlebookError | Promise<CandlebookError>;
}

const firstLine = ({ file, symbol, first }: Span) => lineOfCandle(file, symbol, first as EpochMs);

const SCALE_AND_UNIT: readonly Rule[] = [
  {
    counts: () => true,
    differ: isOtherScale,
    within: NEIGHBOURS_MS,
    settled: ({ decimal }) => decimal !== undefined,
    error: async (own, other) =>
      inputError(
        "other_scale",
        `${await firstLine(own)}: the file's prices of ${own.symbol} are ${own.low} to ${own.high}, those of the neighbouring ${other.file.given} ${other.low} to ${other.high}: more than ${OTHER_SCALE} times apart.`,
        "State the decimal mark, --decimal . or --decimal , or the file's own pair, SYMBOL=PATH.",
      ),
  },
  {
    counts: ({ volumes }) => volumes !== undefined,
    differ: isOtherUnit,
    within: NEIGHBOURS_MS,
    settled: ({ volume }) => volume !== undefined,
    error: async (own, other) =>
      inputError(
        "volume_conflict",
        `${await firstLine(own)}: the file's volumes of ${own.symbol} are those of the neighbouring ${other.file.given} times or divided by the price: one has the base currency's, the other the quote currency's.`,
        "Name the column of base volume: --volume COLUMN; or take the file as it is: --allow-conflicts.",
      ),
  },
];

const VENUE: Rule = {
  counts: ({ venues }) => venues.length > 0,
  differ: (a, b) => a.venues.every((venue) => !b.venues.includes(venue)),
  within: Number.POSITIVE_INFINITY,
  settled: () => false,
  error: (own, other) =>
    inputError(
      "conflicting_files",
      `${own.file.given} has prices of ${own.symbol} on ${own.venues[0]}, ${other.file.given} on ${other.venues[0]}: two series under one name.`,
      "Give each venue a workspace of its own; or take both all the same: --allow-conflicts.",
    ),
};

/** A file's path and why it is refused. */
type Refusal = [path: string, error: CandlebookError];

/** What each file's facts show of those beside it: of two that differ, the one with fewer files like it is refused. */
export async function apartByFacts(spans: readonly Span[], fresh: ReadonlySet<string>): Promise<Refusal[]> {
  const byRule = await Promise.all(SCALE_AND_UNIT.map((rule) => apartByRule(rule, spans, fresh)));
  return [...withoutMinutes(spans), ...byRule.flat()];
}

/** The files of a symbol, of any interval, that are of another venue than the others. */
export async function apartByVenue(spans: readonly Span[], fresh: ReadonlySet<string>): Promise<Refusal[]> {
  return apartByRule(VENUE, inTime(spans), fresh);
}

/** The files that one rule refuses: each is compared with the one before it in time. */
async function apartByRule(
  { counts, differ, within, settled, error }: Rule,
  spans: readonly Span[],
  fresh: ReadonlySet<string>,
): Promise<Refusal[]> {
  const counted = spans.filter(counts);
  const filesLike = (one: Span) => counted.filter((other) => !differ(one, other)).length;
  const found: Refusal[] = [];
  for (const [i, later] of counted.slice(1).entries()) {
    const earlier = counted[i];
    if (later.first - earlier.last > within || !differ(earlier, later)) continue;
    const more = filesLike(earlier) - filesLike(later);
    const byCount: [Span, Span] = more > 0 ? [earlier, later] : [later, earlier];
    const [other, own] = more === 0 ? refusedLast(earlier, later, fresh) : byCount;
    const isSettled = settled(own.entry.reading) || own.entry.reading.allowConflicts;
    if (!isSettled) found.push([own.entry.path, await error(own, other)]);
  }
  return found;
}

/** Prices nearer to 1 hide a change of unit: volumes change as much by themselves. */
const TELLING_PRICE = 100;
const ABOUT = 3;

/** Whether one file's volumes are the other's times the price, and one of the two units is assumed only. */
function isOtherUnit(a: Span, b: Span): boolean {
  const assumed = [a, b].some(({ entry }) => gradeOf(entry, "volume") === "assumed");
  if (!assumed || a.volumes === undefined || b.volumes === undefined) return false;
  const price = Math.sqrt(Math.sqrt(a.low * a.high) * Math.sqrt(b.low * b.high));
  const isApart = a.volumes[1] * OTHER_SCALE < b.volumes[0] || b.volumes[1] * OTHER_SCALE < a.volumes[0];
  const times = Math.sqrt((b.volumes[0] * b.volumes[1]) / (a.volumes[0] * a.volumes[1]));
  const isPrice = [price, 1 / price].some((factor) => times < factor * ABOUT && times * ABOUT > factor);
  return Math.max(price, 1 / price) >= TELLING_PRICE && isApart && isPrice;
}

function gradeOf({ facts }: RawEntry, question: "volume" | "interval") {
  return facts?.evidence.find((one) => one.question === question)?.grade;
}

/** Whether a file is so short that nothing in it shows its interval. */
export function hasNoStep({ rows, entry }: Span): boolean {
  return rows <= 3 && gradeOf(entry, "interval") === "assumed";
}

/** Files of a row or two, side by side, whose open times show longer candles. */
function withoutMinutes(spans: readonly Span[]): Refusal[] {
  const short = spans.filter(hasNoStep);
  const times = [...new Set(short.flatMap(({ first, last }) => [first, last]))].sort((a, b) => a - b);
  const shown = shownLength(countSteps(times.slice(1).map((time, i) => time - times[i])));
  if (short.length < 2 || shown === null || shown.length === MINUTE_MS) return [];
  return short.map(({ symbol, entry, file }) => [
    entry.path,
    inputError(
      "other_interval",
      `${file.given} and ${short.length - 1} more files hold a row or two of ${symbol} each, ${shown.shown} apart (${shown.by}): candles of ${shown.shown}, not of a minute.`,
      "State their length: --interval; if these are minutes with gaps between them, --interval 1m.",
    ),
  ]);
}
