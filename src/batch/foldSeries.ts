import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedSeries } from "../lake/catalog.ts";
import { OWN_DAYS } from "../lake/columns.ts";
import type { EngineSession } from "../lake/engine.ts";
import { refuseFormer, withFormerColumns } from "../lake/formerColumns.ts";
import { filesOf, readTable, type TableVersion } from "../lake/read.ts";
import { INTERVALS, type Interval } from "../time/interval.ts";
import { chainOf, chainSql, firstStep, foldSql, type GatheredSeries, partsSql } from "./candlesSql.ts";

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
  /** These only. */
  symbols: readonly string[];
}

/**
 * Folds series to an interval.
 * @returns a statement that selects parts (see `partsSql`), one for each symbol and open time
 */
export async function foldSeries(
  session: EngineSession,
  { series, served, symbols }: FoldInputs,
  target: Interval,
  effects: Effects,
): Promise<string> {
  const chains = Map.groupBy(symbols, (symbol) => {
    const own = series.filter((one) => one.symbol === symbol).map(({ interval }) => interval);
    return chainOf(served === null ? own : [...own, "1d"], target).join(" ");
  });
  const statements: string[] = [];
  for (const [chain, own] of chains) {
    if (chain === "") continue;
    const fold = { name: `fold_${statements.length}`, chain: chain.split(" ") as Interval[], symbols: own };
    const gathered = await gatherChain(session, { series, served, fold, target }, effects);
    statements.push(chainSql(gathered, target, session.dialect));
  }
  return statements.map((one) => `SELECT * FROM (${one}) AS folded`).join(" UNION ALL ");
}

interface Gathering {
  series: readonly CleanSeries[];
  served: TableVersion | null;
  fold: { name: string; chain: Interval[]; symbols: readonly string[] };
  target: Interval;
}

async function gatherChain(
  { dialect, gather }: EngineSession,
  { series, served, fold: { name, chain, symbols }, target }: Gathering,
  effects: Effects,
): Promise<GatheredSeries[]> {
  const own = series.filter(({ symbol, interval }) => symbols.includes(symbol) && chain.includes(interval));
  const total = own.reduce((sum, { version }) => sum + filesOf(version).length, 0);
  let done = 0;
  const gathered: GatheredSeries[] = [];
  for (const [i, interval] of chain.entries()) {
    const files = own.filter((one) => one.interval === interval).flatMap(({ version }) => filesOf(version));
    const days = interval === "1d" ? served : null;
    const isFolded = i === 0 && days === null;
    const parts = (rows: string) => {
      const statement = partsSql(rows, interval, dialect);
      return isFolded ? foldSql(`(${statement}) AS parts`, firstStep(chain, target), dialect) : statement;
    };
    const tables: string[] = [];
    if (files.length > 0) {
      tables.push(`${name}_${i}`);
      await gather(`${name}_${i}`, files, parts, () =>
        effects.progress?.({ stage: "candles", note: `${target} from ${interval}`, done: ++done, total }),
      );
    }
    if (days !== null) {
      tables.push(`${name}_served`);
      const mine = `symbol IN (${symbols.map(dialect.text).join(", ")})`;
      const opened = `${dialect.instantOf(dialect.msOfDay("day"))} AS open_time`;
      await gather(`${name}_served`, filesOf(days), (rows) =>
        parts(
          `(SELECT *, ${opened}, NULL::DOUBLE AS taker_quote FROM ${withFormerColumns(days.manifest, rows)}
            WHERE ${OWN_DAYS} AND ${mine}) AS days`,
        ),
      );
    }
    gathered.push({ interval, tables });
  }
  return gathered;
}
