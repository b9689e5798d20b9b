import { join } from "node:path";
import type { Source } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { failure, inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import type { Workspace } from "../core/workspace.ts";
import { type Engine, type EngineSession, embedded } from "../lake/engine.ts";
import { type Published, publishedAlready, publishTable, type Recipe } from "../lake/publish.ts";
import { filesOf, readTable, type TableVersion } from "../lake/read.ts";
import { cleanTable } from "../lake/seriesTables.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";
import { divides, type FixedInterval, floorToInterval, INTERVALS } from "../time/interval.ts";
import { foldSql, partsSql } from "./candlesSql.ts";
import { type CutCandles, cutCandles } from "./cutCandles.ts";
import { type DayTables, dailySql, dayGapsSql, gapsSql, perDaySql, tailSql } from "./dailySql.ts";
import { type CleanSeries, cleanSeries, foldSeries } from "./foldSeries.ts";
import { readRawManifest } from "./rawManifest.ts";

/** Counted up whenever the same clean minutes would give other rows. */
const STAGE_VERSION = 2;

export interface DailyOptions {
  /** The tables hold these alone; default: every symbol that has clean minutes. */
  symbols?: readonly string[];
  /** Gaps are listed through this day (UTC), not only to a symbol's last minute. */
  to?: Day;
  /** Default: the embedded one. */
  engine?: Engine;
}

/** Counts of one symbol's days and gaps. */
export interface DailySymbol {
  symbol: string;
  days: number;
  completeDays: number;
  minutes: number;
  gaps: number;
  missingMinutes: number;
}

export interface DailyResult {
  symbols: DailySymbol[];
  /** `daily_batch`. */
  daily: Published;
  gaps: Published;
  perDay: Published;
  skipped: boolean;
}

/**
 * Clean minutes to days (`daily_batch`), to the list of gaps (`gaps`, with the labels that a backfill found) and to
 * the minutes of each day (`per_day`).
 * @throws CandlebookError `no_clean_minutes`; `mixed_sources`; `unbalanced_minutes` where a minute is neither there nor in a gap
 */
export async function daily(
  workspace: Workspace,
  options: DailyOptions = {},
  effects: Effects = {},
): Promise<DailyResult> {
  const series = await cleanDays(workspace, options.symbols);
  const labels = await readTable(workspace, "gap_labels");
  const cut = cutCandles((await readRawManifest(workspace))?.files ?? [], "1d");
  const recipes = recipesFor(workspace, { series, labels, cut }, options);
  const ready = await Promise.all(recipes.map((recipe) => publishedAlready(workspace, recipe)));
  if (ready.every((table) => table !== null)) return resultOf(ready);
  return (options.engine ?? embedded).use(workspace, effects, async (session) => {
    const { tables: own, days } = await foldAll(session, series, effects);
    const { dialect } = session;
    const until = untilOf(workspace, options.to, series);
    const known = labels === null ? null : await session.from(filesOf(labels));
    const statements = [
      dailySql(days, { now: workspace.clock(), cut }, dialect),
      gapsSql(own, { until, labels: known }, dialect),
      perDaySql(own, until, dialect),
    ];
    const figures = await countSymbols(session, own, statements, until);
    const tables: Published[] = [];
    for (const [i, recipe] of recipes.entries()) {
      tables.push(
        await publishTable(workspace, recipe, async (folder) => {
          await session.write(statements[i], folder);
          const [{ rows }] = await session.rows<{ rows: number }>(
            `SELECT count(*)::DOUBLE AS rows FROM (${statements[i]})`,
          );
          return { rows, facts: { symbols: figures } };
        }),
      );
    }
    return resultOf(tables);
  });
}

/** The clean candles that days can be folded from. */
async function cleanDays(workspace: Workspace, symbols?: readonly string[]): Promise<CleanSeries[]> {
  const there = (await cleanSeries(workspace)).filter(({ interval }) => divides(interval, "1d"));
  const lacking = symbols?.toSorted().find((wanted) => !there.some(({ symbol }) => symbol === wanted));
  if (there.length === 0 || lacking !== undefined) {
    throw inputError(
      "no_clean_minutes",
      lacking === undefined
        ? "There are no clean candles of a day or of a part of one."
        : `There is no table ${cleanTable(lacking, "1m")}.`,
      `${didYouMean(
        lacking,
        there.map(({ symbol }) => symbol),
      )}Ingest such files and clean them first: candlebook ingest PATH…, then candlebook clean.`,
    );
  }
  return there.filter(({ symbol }) => symbols?.includes(symbol) ?? true);
}

/**
 * The end of the tail that is asked for, milliseconds, never in a candle of the finest series that is open now; null where
 * none is asked for.
 */
function untilOf(workspace: Workspace, to: Day | undefined, series: readonly CleanSeries[]): number | null {
  if (to === undefined) return null;
  const finest = INTERVALS.find((one) => series.some(({ interval }) => interval === one)) ?? "1m";
  return Math.min(startOfDay(to) + DAY_MS, floorToInterval(workspace.clock(), finest));
}

interface DailyInputs {
  series: readonly CleanSeries[];
  /** The gaps' labels, where a backfill found some. */
  labels: TableVersion | null;
  cut: CutCandles;
}

function recipesFor(
  workspace: Workspace,
  { series, labels, cut }: DailyInputs,
  options: DailyOptions,
): Recipe[] {
  const minutes = series.map(({ version }) => version);
  const sources = [...new Set(minutes.map(({ manifest }) => manifest.source))];
  if (sources.includes("simulated") && sources.length > 1) {
    throw inputError(
      "mixed_sources",
      "Real and simulated minutes meet in this workspace; they are never in one table.",
      "Keep each market in a workspace of its own (--workspace DIR).",
    );
  }
  const inputs = minutes.map(({ manifest }) => ({ name: manifest.table, version: manifest.fingerprint }));
  const told = labels === null ? [] : [{ name: "gap_labels", version: labels.manifest.fingerprint }];
  const recipe = (table: string, parameters: Record<string, unknown>, more = inputs): Recipe => ({
    table,
    stage: "daily",
    parameters: { version: STAGE_VERSION, ...parameters },
    inputs: more,
    source: sources[0] as Source,
  });
  const until = untilOf(workspace, options.to, series);
  return [
    recipe("daily_batch", {
      openFrom: firstOpenDay(workspace, minutes),
      ...(Object.keys(cut).length === 0 ? {} : { cut }),
    }),
    recipe("gaps", { until }, [...inputs, ...told]),
    recipe("per_day", { until }),
  ];
}

/** The first day (milliseconds) that had not ended, where any minute reaches it: when it ends, the rows change. */
function firstOpenDay(workspace: Workspace, minutes: readonly TableVersion[]): number | null {
  const open = Math.floor(workspace.clock() / DAY_MS) * DAY_MS;
  return minutes.some(({ manifest }) => (manifest.facts.last as number) >= open) ? open : null;
}

/** Each symbol's days: of its finest series alone, and of all that it has. */
interface FoldedDays {
  tables: DayTables;
  /** A table expression (FROM clause) of parts. */
  days: string;
}

async function foldAll(
  session: EngineSession,
  series: readonly CleanSeries[],
  effects: Effects,
): Promise<FoldedDays> {
  const bySymbol = [...Map.groupBy(series, ({ symbol }) => symbol).values()];
  const finest = bySymbol.map(([first]) => first);
  const tables = await foldFinest(session, finest, effects);
  const several = bySymbol.filter((own) => own.length > 1);
  if (several.length === 0) return { tables, days: tables.days };
  const symbols = several.map(([{ symbol }]) => symbol);
  const folded = await foldSeries(session, { series: several.flat(), served: null, symbols }, "1d", {});
  const list = symbols.map(session.dialect.text).join(", ");
  const alone = `SELECT * FROM ${tables.days} WHERE symbol NOT IN (${list})`;
  return { tables, days: `(${alone} UNION ALL SELECT * FROM (${folded}) AS folded) AS days` };
}

async function foldFinest(
  { dialect, gather }: EngineSession,
  series: readonly CleanSeries[],
  effects: Effects,
): Promise<DayTables> {
  const parts = series.flatMap(({ symbol, interval, version }) =>
    version.manifest.parts.map(({ path }) => ({ symbol, interval, path, file: join(version.folder, path) })),
  );
  let done = 0;
  const intervals = [...Map.groupBy(parts, ({ interval }) => interval as FixedInterval)];
  for (const [interval, own] of intervals) {
    const files = own.map(({ file }) => file);
    // Days have no quote volume of takers.
    const parts = (rows: string) => partsSql(rows, interval, dialect, { unused: ["taker_quote"] });
    const fold = (rows: string) => foldSql(`(${parts(rows)}) AS parts`, "1d", dialect);
    await gather(`days_${interval}`, files, fold, (file) => {
      const { symbol, path } = own[file];
      const note = `${symbol} ${path.slice("year=".length, "year=".length + 4)}`;
      effects.progress?.({ stage: "daily", note, done: ++done, total: parts.length });
    });
    await gather(`gaps_${interval}`, files, (rows) => dayGapsSql(rows, interval, dialect));
  }
  const all = (name: string) => {
    const own = intervals.map(([interval]) => `SELECT * FROM ${name}_${interval}`);
    return `(${own.join(" UNION ALL ")}) AS ${name}`;
  };
  return { days: all("days"), gaps: all("gaps") };
}

/** Counts by symbol, and checks that each moment of the span of its finest series is in a candle or in a gap, exactly once. */
async function countSymbols(
  { rows, dialect }: EngineSession,
  own: DayTables,
  [daily, gaps]: readonly string[],
  until: number | null,
): Promise<DailySymbol[]> {
  const { msOf } = dialect;
  const last = "max(end_ms)";
  const end = until === null ? last : tailSql(until, last, "min(finest)", dialect);
  const found = await rows<DailySymbol & { span: number; missing: number; covered: number }>(`
    WITH present AS (
      SELECT symbol, sum(covered)::DOUBLE AS covered, (${end} - min(first_ms))::DOUBLE AS span
      FROM ${own.days} GROUP BY symbol
    ), counted AS (
      SELECT symbol, count(*)::DOUBLE AS days, (count(*) FILTER (WHERE complete))::DOUBLE AS "completeDays"
      FROM (${daily}) GROUP BY symbol
    ), missing AS (
      SELECT symbol, count(*)::DOUBLE AS gaps, sum(${msOf('"end"')} - ${msOf("start")})::DOUBLE AS missing FROM (${gaps})
      WHERE label <> 'before_listing' GROUP BY symbol
    )
    SELECT symbol, days, "completeDays", covered, coalesce(gaps, 0) AS gaps, coalesce(missing, 0) AS missing, span
    FROM present JOIN counted USING (symbol) LEFT JOIN missing USING (symbol) ORDER BY symbol`);
  return found.map(({ symbol, days, completeDays, gaps: count, span, missing, covered }) => {
    const [minutes, missingMinutes] = [covered, missing].map((ms) => ms / MINUTE_MS);
    if (covered + missing !== span) {
      throw failure(
        "unbalanced_minutes",
        `${symbol} spans ${span / MINUTE_MS} minutes, but ${minutes} are there and ${missingMinutes} in gaps.`,
        "Nothing was published. Please report this as a bug.",
      );
    }
    return { symbol, days, completeDays, minutes, gaps: count, missingMinutes };
  });
}

function resultOf(tables: readonly Published[]): DailyResult {
  const [batch, gaps, perDay] = tables;
  return {
    symbols: gaps.manifest.facts.symbols as DailySymbol[],
    daily: batch,
    gaps,
    perDay,
    skipped: tables.every((table) => table.skipped),
  };
}
