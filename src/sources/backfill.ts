import type { Source } from "../candle/candle.ts";
import { isSpot } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import { sha256OfValue } from "../core/files.ts";
import type { Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import type { Published } from "../lake/publish.ts";
import { publishRows } from "../lake/publishRows.ts";
import { withLake } from "../lake/session.ts";
import type { Columns } from "../lake/write.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS, type TimeSpan } from "../time/epoch.ts";
import type { Network } from "../venues/http.ts";
import type { Interval } from "../venues/venueInterval.ts";
import { type BackfillPlan, planBackfill, type SymbolGaps } from "./backfillPlan.ts";
import { publishDailyCandles, readDailyCandles } from "./dailyCandles.ts";
import { type ClassifiedGap, classifyGaps } from "./gapClassifier.ts";
import { type CandleHistory, endGaps, readHistories, yesterday } from "./histories.ts";
import { type Asked, askedSpans, readJournal, receivedSpans } from "./journal.ts";
import { nothingReceived, type Received, sendRequests } from "./sendRequests.ts";
import { intersect, noDays, span, subtract, unite, wholeDays } from "./spans.ts";

export interface BackfillOptions {
  /** The exchange's address, from `addresses`. */
  restUrl: string;
  /** Of the candles that are requested; default: minutes, and daily candles for whole days. */
  interval?: FineInterval;
  /** Default: all that have such candles. */
  symbols?: readonly string[];
  /** First day to request before the first candle; default: none. */
  from?: Day;
  /** Last day to request after the last candle; default: yesterday, UTC. */
  to?: Day;
  /** Minutes too for whole missing days, not only daily candles. */
  minutes?: boolean;
  /** Repeats requests that the exchange had no data for. */
  retry?: boolean;
  /** Plans only, sends no request. */
  dryRun?: boolean;
  /** Labels from known data, sends no request. */
  offline?: boolean;
  network?: Network;
}

/** An interval of candles that `ingest` reads: daily candles are requested beside minutes. */
export type FineInterval = Exclude<Interval, "1d">;

export interface BackfillResult extends Received {
  plan: BackfillPlan;
  /** Every gap with its label, including those that are closed now. */
  gaps: ClassifiedGap[];
  daily: Published | null;
  labels: Published | null;
}

const LABEL_COLUMNS: Columns = {
  symbol: "VARCHAR",
  from_ms: "BIGINT",
  to_ms: "BIGINT",
  label: "VARCHAR",
  source: "VARCHAR",
};

/**
 * Closes gaps over REST: minutes, or candles of the interval, are written to `data/raw/<SYMBOL>/backfill` for `ingest`.
 * Beside minutes, daily candles of whole days are written to `daily_backfill`, also for a day in the middle of which a
 * file ends if the exchange lacks its minutes, and every gap gets a label with its evidence (`gap_labels`). Answered
 * requests are kept in a journal, and never repeated.
 * @throws CandlebookError `no_clean_minutes`, `no_clean_candles`, `no_gaps`, `no_such_symbol` of one that was named; of
 *   the exchange: `banned`, `blocked_region`, `redirected`, `exchange_unreachable`. Data received before are kept and
 *   published, and `data/missing_rest.csv` lists the rest.
 */
export async function backfill(
  workspace: Workspace,
  options: BackfillOptions,
  effects: Effects = {},
): Promise<BackfillResult> {
  return withTableLock(workspace, "backfill", async () => {
    const { interval = "1m", symbols } = options;
    const isMinutes = interval === "1m";
    const { histories, source } = await withLake(workspace, effects, (lake) =>
      readHistories(workspace, lake, { symbols, interval }),
    );
    const journal = await readJournal(workspace);
    const settled = options.retry ? receivedSpans : askedSpans;
    const known = await knownDays(workspace, effects);
    const ends = { from: options.from, to: options.to ?? yesterday(workspace) };
    const gaps = histories.map(
      (history): SymbolGaps => ({
        ...holesOf(history, source, ends),
        knownDays: known.get(history.symbol) ?? [],
        asked: settled(journal, history.symbol),
      }),
    );
    const plan = planBackfill(gaps.filter(isOfSpot), divisionOf(options), interval);
    const state = nothingReceived();
    if (options.dryRun) return { plan, ...state, gaps: [], daily: null, labels: null };
    const cut = (one: SymbolGaps, i: number) =>
      cutDays({ ...one, asked: settled(journal, one.symbol) }, histories[i], journal);
    const run = { workspace, ...options, effects, journal, received: state };
    const requests = async () => {
      await sendRequests(run, plan);
      if (isMinutes) await sendRequests(run, planBackfill(gaps.map(cut).filter(isOfSpot)));
    };
    const problem = options.offline ? null : await errorOf(requests());
    const published = await (isMinutes ? publishAll : classifyOnly)(
      { workspace, journal, source, effects },
      { histories, gaps, interval },
    );
    if (problem !== null) throw problem;
    refuseUnlisted(state, symbols);
    return { plan, ...state, ...published };
  });
}

/** A symbol's gaps and those at the ends of its history. */
function holesOf(history: CandleHistory, source: Source, { from, to }: { from?: Day; to: Day }) {
  return {
    symbol: history.symbol,
    gaps: [...history.gaps, ...endGaps(history, from, to)],
    ...(source === "csv" ? {} : { provenTo: history.present.to }),
  };
}

/** Which gaps are requested as daily candles: whole days, beside minutes. */
function divisionOf({ minutes, interval = "1m" }: BackfillOptions) {
  return minutes || interval !== "1m" ? noDays : wholeDays;
}

/** @throws CandlebookError `no_such_symbol` of a symbol that was named */
function refuseUnlisted({ unlisted }: Received, symbols: readonly string[] | undefined): void {
  if (symbols !== undefined && unlisted.length > 0) throw unlisted[0].reason;
}

interface Publishing {
  workspace: Workspace;
  journal: readonly Asked[];
  source: Source;
  effects: Effects;
}

interface FoundGaps {
  histories: readonly CandleHistory[];
  gaps: readonly SymbolGaps[];
  interval: Interval;
}

type PublishedGaps = Pick<BackfillResult, "gaps" | "daily" | "labels">;

/** Publishes the daily candles and the labels of the gaps. */
async function publishAll(
  { workspace, journal, source, effects }: Publishing,
  { histories, gaps }: FoundGaps,
): Promise<PublishedGaps> {
  const daily = await publishDailyCandles(workspace, journal, source, effects);
  const days = await knownDays(workspace, effects);
  const own = journal.filter(({ interval }) => interval === "1m" || interval === "1d");
  const classified = classifyGaps(gapFactsOf(histories, gaps, own, days));
  const labels = await publishGapLabels(workspace, classified, source, effects);
  return { gaps: classified, daily, labels };
}

/** Labels the gaps of other candles, which no table has: `gaps` has those of each symbol's finest candles. */
async function classifyOnly(
  { journal }: Publishing,
  { histories, gaps, interval }: FoundGaps,
): Promise<PublishedGaps> {
  const own = journal.filter((entry) => entry.interval === interval);
  return { gaps: classifyGaps(gapFactsOf(histories, gaps, own, new Map())), daily: null, labels: null };
}

const errorOf = (work: Promise<void>): Promise<unknown> =>
  work.then(
    () => null,
    (error) => error,
  );

const isOfSpot = ({ symbol }: SymbolGaps) => isSpot(symbol);

/**
 * The days in the middle of which a file begins or ends, and whose other minutes the exchange does not have: their
 * daily candles are requested. Not the first and last day of the history, where the calendar has no gap.
 */
function cutDays(
  own: SymbolGaps,
  { present, covered }: CandleHistory,
  journal: readonly Asked[],
): SymbolGaps {
  const came = receivedSpans(journal, own.symbol);
  const denied = subtract(askedSpans(journal, own.symbol)["1m"], came["1m"]);
  const lost = intersect(denied, subtract(own.gaps, covered));
  const known = unite([present, ...own.knownDays, ...came["1d"]]);
  const first = Math.floor(known[0].from / DAY_MS) * DAY_MS + DAY_MS;
  const last = Math.ceil(known[known.length - 1].to / DAY_MS) * DAY_MS - DAY_MS;
  const days = lost.map(({ from, to }) => span(from - (from % DAY_MS), Math.ceil(to / DAY_MS) * DAY_MS));
  return { ...own, gaps: intersect(days, [span(first, last)]) };
}

/** The days of `daily_backfill` by symbol. */
async function knownDays(workspace: Workspace, effects: Effects): Promise<Map<string, TimeSpan[]>> {
  const rows = await readDailyCandles(workspace, effects);
  const bySymbol = Map.groupBy(rows, ({ symbol }) => symbol);
  return new Map(
    [...bySymbol].map(([symbol, days]) => [
      symbol,
      unite(days.map(({ day }) => span(startOfDay(day), startOfDay(day) + DAY_MS))),
    ]),
  );
}

function gapFactsOf(
  histories: readonly CandleHistory[],
  gaps: readonly SymbolGaps[],
  journal: readonly Asked[],
  days: ReadonlyMap<string, TimeSpan[]>,
) {
  return histories.map(({ symbol, present, covered }, i) => {
    const mine = journal.filter((entry) => entry.symbol === symbol);
    const asked = mine.flatMap(({ wanted }) => wanted);
    const denied = mine.flatMap(({ lacking }) => lacking);
    const came = subtract(asked, denied);
    return {
      symbol,
      present,
      covered,
      gaps: unite([...gaps[i].gaps, ...asked]),
      elsewhere: unite([...came, ...(days.get(symbol) ?? [])]),
      denied: subtract(denied, came),
    };
  });
}

async function publishGapLabels(
  workspace: Workspace,
  gaps: readonly ClassifiedGap[],
  source: Source,
  effects: Effects,
): Promise<Published> {
  const rows = gaps.map(({ symbol, label, source: { en }, from, to }) => ({
    ...{ symbol, label, source: en },
    ...{ from_ms: from, to_ms: to },
  }));
  const inputs = [{ name: "labels", version: sha256OfValue(rows) }];
  const recipe = { table: "gap_labels", stage: "backfill", parameters: { version: 1 }, inputs, source };
  return publishRows(workspace, effects, recipe, { columns: LABEL_COLUMNS, pages: () => [rows] });
}
