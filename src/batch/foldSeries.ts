import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import { OWN_DAYS } from "../lake/columns.ts";
import type { EngineSession } from "../lake/engine.ts";
import { refuseFormer, withFormerColumns } from "../lake/formerColumns.ts";
import { filesOf, readTable, type TableVersion } from "../lake/read.ts";
import { INTERVALS, type Interval } from "../time/interval.ts";
import {
  chainOf,
  chainSql,
  firstStep,
  foldSql,
  type GatheredSeries,
  type Made,
  partsSql,
} from "./candlesSql.ts";
import { closedSql, MADE_OF_WINDOWS, type StreamedSymbols } from "./liveWindows.ts";

/** The clean candles of one symbol and interval. */
export interface CleanSeries {
  symbol: string;
  interval: Interval;
  version: TableVersion;
}

/** The clean candles of every series, sorted by symbol and interval. */
export async function cleanSeries(workspace: Workspace): Promise<CleanSeries[]> {
  const tables = (await publishedSeries(workspace)).filter(({ isClean }) => isClean);
  const series: CleanSeries[] = [];
  for (const { table, interval } of tables) {
    const version = await readTable(workspace, table);
    if (version !== null) {
      refuseFormer(version, "clean");
      series.push({ symbol: version.manifest.facts.symbol as string, interval, version });
    }
  }
  const order = ({ symbol, interval }: CleanSeries) =>
    `${symbol} ${String(INTERVALS.indexOf(interval)).padStart(2, "0")}`;
  return series.sort((a, b) => (order(a) < order(b) ? -1 : 1));
}

/** What is folded. */
export interface FoldInputs {
  series: readonly CleanSeries[];
  /** Served days that no clean candles contain, or null. */
  served: TableVersion | null;
  /** The stream's windows; default: none. */
  live?: readonly StreamedSymbols[];
  /** These only. */
  symbols: readonly string[];
}

/**
 * Folds series to an interval.
 * @returns a statement that selects parts (see `partsSql`), one for each symbol and open time
 */
export async function foldSeries(
  session: EngineSession,
  { series, served, live = [], symbols }: FoldInputs,
  target: Interval,
  effects: Effects,
): Promise<string> {
  const chains = Map.groupBy(symbols, (symbol) => {
    const own = series.filter((one) => one.symbol === symbol).map(({ interval }) => interval);
    const windows = live.filter((one) => one.symbols.includes(symbol)).map(({ interval }) => interval);
    return chainOf(served === null ? own : [...own, "1d"], target, windows).join(" ");
  });
  const statements: string[] = [];
  for (const [chain, own] of chains) {
    if (chain === "") continue;
    const fold = { name: `fold_${statements.length}`, chain: chain.split(" ") as Interval[], symbols: own };
    const gathered = await gatherChain(session, { series, served, live, fold, target }, effects);
    statements.push(chainSql(gathered, target, session.dialect));
  }
  return statements.map((one) => `SELECT * FROM (${one}) AS folded`).join(" UNION ALL ");
}

interface Gathering extends Required<Omit<FoldInputs, "symbols">> {
  fold: { name: string; chain: Interval[]; symbols: readonly string[] };
  target: Interval;
}

async function gatherChain(
  session: EngineSession,
  { series, served, live, fold: { name, chain, symbols }, target }: Gathering,
  effects: Effects,
): Promise<GatheredSeries[]> {
  const { dialect, gather } = session;
  const own = series.filter(({ symbol, interval }) => symbols.includes(symbol) && chain.includes(interval));
  const total = own.reduce((sum, { version }) => sum + filesOf(version).length, 0);
  let done = 0;
  const gathered: GatheredSeries[] = [];
  for (const [i, interval] of chain.entries()) {
    const files = own.filter((one) => one.interval === interval).flatMap(({ version }) => filesOf(version));
    const days = interval === "1d" ? served : null;
    const isFolded = i === 0 && days === null;
    const parts = (rows: string, made?: Made) => {
      const statement = partsSql(rows, interval, dialect, { made });
      return isFolded ? foldSql(`(${statement}) AS parts`, firstStep(chain, target), dialect) : statement;
    };
    const stored: string[] = [];
    if (files.length > 0) {
      stored.push(`SELECT * FROM ${name}_${i}`);
      await gather(`${name}_${i}`, files, parts, () =>
        effects.progress?.({ stage: "candles", note: `${target} from ${interval}`, done: ++done, total }),
      );
    }
    const windows = live.find((one) => one.interval === interval);
    if (windows !== undefined) {
      stored.push(`SELECT * FROM ${name}_live_${i}`);
      const there = files.length === 0 ? null : await session.from(files);
      await gather(`${name}_live_${i}`, filesOf(windows.version), (rows) =>
        parts(closedSql(rows, there, symbols, dialect), MADE_OF_WINDOWS),
      );
    }
    const statements = stored.length === 0 ? [] : [stored.join(" UNION ALL ")];
    if (days !== null) {
      statements.push(`SELECT * FROM ${name}_served`);
      const mine = `symbol IN (${symbols.map(dialect.text).join(", ")})`;
      const opened = `${dialect.instantOf(dialect.msOfDay("day"))} AS open_time`;
      await gather(`${name}_served`, filesOf(days), (rows) =>
        parts(
          `(SELECT *, ${opened}, NULL::DOUBLE AS taker_quote FROM ${withFormerColumns(days.manifest, rows)}
            WHERE ${OWN_DAYS} AND ${mine}) AS days`,
        ),
      );
    }
    gathered.push({ interval, statements });
  }
  return gathered;
}
