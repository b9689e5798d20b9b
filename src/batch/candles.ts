import type { Effects } from "../core/effects.ts";
import { CandlebookError, inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { type Engine, type EngineSession, embedded } from "../lake/engine.ts";
import { readManifest } from "../lake/manifest.ts";
import { type Published, publishedAlready, publishTable, type Recipe } from "../lake/publish.ts";
import { filesOf, readTable, type TableVersion } from "../lake/read.ts";
import { candlesTable, intervalOfCandles } from "../lake/seriesTables.ts";
import { type LiveWindows, liveWindows } from "../lake/streamWindows.ts";
import { divides, floorToInterval, INTERVALS, type Interval } from "../time/interval.ts";
import { candlesSql } from "./candlesSql.ts";
import { type CutCandles, cutCandles } from "./cutCandles.ts";
import { type CleanSeries, cleanSeries, foldSeries } from "./foldSeries.ts";
import { liveSymbols } from "./liveWindows.ts";
import { readRawManifest } from "./rawManifest.ts";

/** Counted up whenever the same inputs would give other rows. */
const STAGE_VERSION = 2;

const NO_CANDLES = "no_candles";

export interface CandlesOptions {
  interval: Interval;
  /** The table has these alone; default: every symbol. */
  symbols?: readonly string[];
  /** Default: the embedded one. */
  engine?: Engine;
}

/** One symbol's candles of an interval, counted. */
export interface CandlesSymbol {
  symbol: string;
  candles: number;
  complete: number;
  /** Open times of the first and the last, milliseconds. */
  first: number;
  last: number;
  /** The intervals that they are folded from, `1m` or `1m+1d` each. */
  madeFrom: string[];
}

export interface CandlesResult {
  interval: Interval;
  symbols: CandlesSymbol[];
  /** `candles_<interval>`. */
  table: Published;
  skipped: boolean;
}

/**
 * Candles of an interval, `candles_4h`: folded from the finest clean candles that have all of a stretch, coarser ones
 * where the finer are missing; where no clean candles are, from served days (fetched, or live) and the stream's windows.
 * @throws CandlebookError `no_candles` where nothing can be folded to the interval, or nothing of a symbol that is named
 */
export async function candles(
  workspace: Workspace,
  { interval, symbols, engine = embedded }: CandlesOptions,
  effects: Effects = {},
): Promise<CandlesResult> {
  const clean = await cleanSeries(workspace);
  const series = clean.filter(
    (one) => divides(one.interval, interval) && (symbols?.includes(one.symbol) ?? true),
  );
  const served = divides("1d", interval) ? await readTable(workspace, "daily_filled") : null;
  const live = await liveWindows(workspace, interval);
  if (series.length + live.length === 0 && served === null) throw noCandles(interval, symbols, clean);
  const cut = cutCandles((await readRawManifest(workspace))?.files ?? [], interval);
  const recipe = recipeOf(workspace, { series, served, live, cut }, { interval, symbols });
  const ready = await publishedAlready(workspace, recipe);
  if (ready !== null) return resultOf(interval, ready);
  return engine.use(workspace, effects, async (session) => {
    const streamed = await liveSymbols(session, live);
    const there = new Set([
      ...series.map(({ symbol }) => symbol),
      ...(served === null ? [] : await symbolsOf(session, served)),
      ...streamed.flatMap((one) => one.symbols),
    ]);
    if (there.size === 0) throw noCandles(interval, symbols, clean);
    const lacking = symbols?.find((symbol) => !there.has(symbol));
    if (lacking !== undefined) throw noCandles(interval, [lacking], clean);
    const folded = await foldSeries(
      session,
      {
        ...{ series, served, live: streamed },
        symbols: [...there].filter((symbol) => symbols?.includes(symbol) ?? true).sort(),
      },
      interval,
      effects,
    );
    const sql = candlesSql(folded, { interval, now: workspace.clock(), cut }, session.dialect);
    const table = await publishTable(workspace, recipe, async (folder) => {
      await session.write(`${sql} ORDER BY symbol, open_time`, folder);
      const counted = await countSymbols(session, sql);
      return { rows: counted.reduce((sum, one) => sum + one.candles, 0), facts: { symbols: counted } };
    });
    return resultOf(interval, table);
  });
}

/**
 * The candles of several intervals. One that nothing can be folded to does not stop the others: they are published first.
 * @throws CandlebookError `no_candles` as `candles` does, after all others; its message names those that are published
 */
export async function candlesOfEach(
  workspace: Workspace,
  wanted: readonly CandlesOptions[],
  effects: Effects = {},
): Promise<CandlesResult[]> {
  const done: CandlesResult[] = [];
  const refused: CandlebookError[] = [];
  for (const options of wanted) {
    try {
      done.push(await candles(workspace, options, effects));
    } catch (error) {
      if (!(error instanceof CandlebookError && error.code === NO_CANDLES)) throw error;
      refused.push(error);
    }
  }
  const [first] = refused;
  if (first === undefined) return done;
  const tables = done.map(({ table }) => table.manifest.table);
  const others = tables.length === 0 ? [] : [`Published all the same: ${tables.join(", ")}.`];
  throw first.reworded({ message: [...refused.map(({ message }) => message), ...others].join(" ") });
}

/** The tables to update: of these intervals, else those that are published, with the symbols that each has. */
export async function wantedCandles(
  workspace: Workspace,
  intervals?: readonly Interval[],
): Promise<CandlesOptions[]> {
  if (intervals !== undefined) return intervals.map((interval) => ({ interval }));
  const wanted: CandlesOptions[] = [];
  for (const table of await publishedTables(workspace)) {
    const interval = intervalOfCandles(table);
    if (interval === null) continue;
    const symbols = (await readManifest(workspace, table))?.parameters.symbols as string[] | undefined;
    wanted.push({ interval, symbols });
  }
  return wanted;
}

function noCandles(
  interval: Interval,
  symbols: readonly string[] | undefined,
  clean: readonly CleanSeries[],
): Error {
  const known = clean.map(({ symbol }) => symbol);
  const own = clean.filter(({ symbol }) => symbols?.includes(symbol) ?? true).map((one) => one.interval);
  const finest = INTERVALS.find((one) => own.includes(one));
  const meant = (symbols ?? []).map((symbol) => (known.includes(symbol) ? "" : didYouMean(symbol, known)));
  const of = symbols === undefined ? "" : ` of ${symbols.join(", ")}`;
  return inputError(
    NO_CANDLES,
    `There are no candles${of} that can be folded to ${interval}${finest === undefined ? "" : `; the finest are of ${finest}`}.`,
    `${meant.join("")}Ingest files of that interval or of a finer one, and clean them: candlebook ingest PATH…, then candlebook clean.`,
  );
}

interface CandlesInputs {
  series: readonly CleanSeries[];
  served: TableVersion | null;
  live: readonly LiveWindows[];
  cut: CutCandles;
}

function recipeOf(
  workspace: Workspace,
  { series, served, live, cut }: CandlesInputs,
  { interval, symbols }: Pick<CandlesOptions, "interval" | "symbols">,
): Recipe {
  const versions = [...series, ...(served === null ? [] : [{ version: served }]), ...live].map(
    ({ version }) => version,
  );
  // When the candle that is open now ends, its row changes.
  const open = floorToInterval(workspace.clock(), interval);
  const isReached =
    served !== null ||
    live.length > 0 ||
    series.some(({ version }) => (version.manifest.facts.last as number) >= open);
  return {
    table: candlesTable(interval),
    stage: "candles",
    parameters: {
      version: STAGE_VERSION,
      interval,
      openFrom: isReached ? open : null,
      ...(symbols === undefined ? {} : { symbols: [...symbols].sort() }),
      ...(Object.keys(cut).length === 0 ? {} : { cut }),
    },
    inputs: versions.map(({ manifest }) => ({ name: manifest.table, version: manifest.fingerprint })),
    source: versions[0].manifest.source,
  };
}

async function symbolsOf(session: EngineSession, served: TableVersion): Promise<string[]> {
  const from = await session.from(filesOf(served));
  const rows = await session.rows<{ symbol: string }>(`SELECT DISTINCT symbol FROM ${from}`);
  return rows.map(({ symbol }) => symbol);
}

async function countSymbols({ rows, dialect }: EngineSession, sql: string): Promise<CandlesSymbol[]> {
  const time = (pick: "min" | "max") => `${dialect.msOf(`${pick}(open_time)`)}::DOUBLE`;
  const found = await rows<Omit<CandlesSymbol, "madeFrom"> & { made_from: string }>(
    `SELECT symbol, made_from, count(*)::DOUBLE AS candles, (count(*) FILTER (WHERE complete))::DOUBLE AS complete,
       ${time("min")} AS first, ${time("max")} AS last
     FROM (${sql}) AS candles GROUP BY symbol, made_from ORDER BY symbol, made_from`,
  );
  return [...Map.groupBy(found, ({ symbol }) => symbol)].map(([symbol, own]) => ({
    symbol,
    candles: own.reduce((sum, one) => sum + one.candles, 0),
    complete: own.reduce((sum, one) => sum + one.complete, 0),
    first: Math.min(...own.map(({ first }) => first)),
    last: Math.max(...own.map(({ last }) => last)),
    madeFrom: own.map((one) => one.made_from),
  }));
}

function resultOf(interval: Interval, table: Published): CandlesResult {
  const symbols = table.manifest.facts.symbols as CandlesSymbol[];
  return { interval, symbols, table, skipped: table.skipped };
}
