import { join } from "node:path";
import type { Source } from "../candle/candle.ts";
import { assetOf } from "../candle/symbol.ts";
import type { Effects } from "../core/effects.ts";
import { failure, inputError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { publishedTables } from "../lake/catalog.ts";
import { type Engine, type EngineSession, embedded } from "../lake/engine.ts";
import { type Published, publishedAlready, publishTable, type Recipe } from "../lake/publish.ts";
import { readTable, type TableVersion } from "../lake/read.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";
import { type CutCandles, cutCandles } from "./cutCandles.ts";
import { dailySql, foldSql, gapsSql, holesSql, perDaySql } from "./dailySql.ts";
import { readRawManifest } from "./rawManifest.ts";

/** Counted up whenever the same clean minutes would give other rows. */
const STAGE_VERSION = 1;

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
  const minutes = await cleanTables(workspace, options.symbols);
  const labels = await readTable(workspace, "gap_labels");
  const cut = cutCandles((await readRawManifest(workspace))?.files ?? [], "1d");
  const recipes = recipesFor(workspace, { minutes, labels, cut }, options);
  const ready = await Promise.all(recipes.map((recipe) => publishedAlready(workspace, recipe)));
  if (ready.every((table) => table !== null)) return resultOf(ready);
  return (options.engine ?? embedded).use(workspace, effects, async (session) => {
    await foldAll(session, minutes, effects);
    const { dialect } = session;
    const until = untilOf(workspace, options.to);
    const statements = [
      dailySql(workspace.clock(), dialect, cut),
      gapsSql(until, labels === null ? null : await session.from(partsOf(labels)), dialect),
      perDaySql(until, dialect),
    ];
    const figures = await countSymbols(session, statements[0], statements[1], until);
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

async function cleanTables(workspace: Workspace, symbols?: readonly string[]): Promise<TableVersion[]> {
  const wanted = symbols?.map((symbol) => `${assetOf(symbol)}_clean`).sort();
  const there = (await publishedTables(workspace)).filter((table) => table.endsWith("_clean"));
  const lacking = wanted?.find((table) => !there.includes(table));
  if (there.length === 0 || lacking !== undefined) {
    throw inputError(
      "no_clean_minutes",
      lacking === undefined ? "There are no clean minutes." : `There is no table ${lacking}.`,
      "Clean the minutes first: candlebook clean.",
    );
  }
  const versions = await Promise.all((wanted ?? there).map((table) => readTable(workspace, table)));
  return versions.filter((version) => version !== null);
}

/** The end of the tail that is asked for, milliseconds, never in the future; null where none is. */
function untilOf(workspace: Workspace, to: Day | undefined): number | null {
  if (to === undefined) return null;
  return Math.min(startOfDay(to) + DAY_MS, Math.floor(workspace.clock() / MINUTE_MS) * MINUTE_MS);
}

const partsOf = ({ manifest, folder }: TableVersion) => manifest.parts.map(({ path }) => join(folder, path));

interface DailyInputs {
  minutes: readonly TableVersion[];
  /** The gaps' labels, where a backfill found some. */
  labels: TableVersion | null;
  cut: CutCandles;
}

function recipesFor(
  workspace: Workspace,
  { minutes, labels, cut }: DailyInputs,
  options: DailyOptions,
): Recipe[] {
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
  const until = untilOf(workspace, options.to);
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

async function foldAll(
  { dialect, gather }: EngineSession,
  minutes: readonly TableVersion[],
  effects: Effects,
): Promise<void> {
  const parts = minutes.flatMap(({ manifest, folder }) =>
    manifest.parts.map(({ path }) => ({ symbol: manifest.facts.symbol, path, file: join(folder, path) })),
  );
  const files = parts.map(({ file }) => file);
  let done = 0;
  const folded = (file: number) => {
    const { symbol, path } = parts[file];
    const note = `${symbol} ${path.slice("year=".length, "year=".length + 4)}`;
    effects.progress?.({ stage: "daily", note, done: ++done, total: parts.length });
  };
  await gather("days", files, (rows) => foldSql(rows, dialect), folded);
  await gather("holes", files, (rows) => holesSql(rows, dialect));
}

/** Counts by symbol, and holds that every minute of its span is there or in a gap, exactly once. */
async function countSymbols(
  session: EngineSession,
  days: string,
  gaps: string,
  until: number | null,
): Promise<DailySymbol[]> {
  const rows = await session.rows<DailySymbol & { span: number }>(`
    WITH present AS (
      SELECT symbol, count(*)::DOUBLE AS days, sum(minutes)::DOUBLE AS minutes,
        (greatest(max(last_ms) + ${MINUTE_MS}, ${until ?? 0}) - min(first_ms)) / ${MINUTE_MS}::DOUBLE AS span
      FROM days GROUP BY symbol
    ), complete AS (
      SELECT symbol, (count(*) FILTER (WHERE complete))::DOUBLE AS "completeDays" FROM (${days}) GROUP BY symbol
    ), missing AS (
      SELECT symbol, count(*)::DOUBLE AS gaps, sum(minutes)::DOUBLE AS "missingMinutes" FROM (${gaps})
      WHERE label <> 'before_listing' GROUP BY symbol
    )
    SELECT symbol, days, "completeDays", minutes, coalesce(gaps, 0) AS gaps,
      coalesce("missingMinutes", 0) AS "missingMinutes", span
    FROM present JOIN complete USING (symbol) LEFT JOIN missing USING (symbol) ORDER BY symbol`);
  return rows.map(({ span, ...counts }) => {
    if (counts.minutes + counts.missingMinutes !== span) {
      throw failure(
        "unbalanced_minutes",
        `${counts.symbol} spans ${span} minutes, but ${counts.minutes} are there and ${counts.missingMinutes} in gaps.`,
        "Nothing was published. Please report this as a bug.",
      );
    }
    return counts;
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
