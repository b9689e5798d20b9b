import type { RowBalance } from "../candle/balance.ts";
import type { Origin } from "../candle/candle.ts";
import type { Effects } from "../core/effects.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, joined, type Text } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import { readForecasts } from "../forecasting/readForecasts.ts";
import { readManifest } from "../lake/manifest.ts";
import { readTable } from "../lake/read.ts";
import { readRows } from "../lake/session.ts";
import { rawFiles } from "../serving/rawFiles.ts";
import { readRowBalance } from "../serving/rowBalance.ts";
import type { Verdict } from "./proofs.ts";

const COUNTED = ["daily_batch", "daily_backfill", "gaps", "streaming_output"] as const;

/** A run in numbers, as its tables and manifests give them. */
export interface RunNumbers {
  /** Raw files. */
  files: number;
  balance: RowBalance;
  /** Rows by table; 0 where it is not published. */
  rows: Record<(typeof COUNTED)[number], number>;
  served: ServedDays;
  models: number;
  symbols: number;
  /** Days ahead. */
  horizon: number;
  /** Windows of the backtest, summed over the symbols. */
  windows: number;
  /** Executed notebooks. */
  notebooks: number;
  verdicts: { all: number; hold: number; fail: number; open: number };
  /** The value of a week's first claim. */
  claimValue(week: number): Text;
}

/** What `daily_filled` holds. */
export interface ServedDays {
  days: number;
  /** First and last day; "–" where there is none. */
  first: string;
  last: string;
  symbols: string[];
  /** Days by origin. */
  origins: Text;
}

/**
 * Reads a run's numbers; publishes nothing.
 * @param found how many notebooks were executed, and the claims with their verdicts
 */
export async function runNumbers(
  workspace: Workspace,
  { notebooks, claims }: { notebooks: number; claims: readonly (Verdict & { week: number })[] },
  effects: Effects = {},
): Promise<RunNumbers> {
  const { symbols } = await readForecasts(workspace, effects);
  const counts = await Promise.all(
    COUNTED.map(async (table) => [table, (await readManifest(workspace, table))?.rows ?? 0]),
  );
  const count = (holds: boolean | null) => claims.filter((one) => one.holds === holds).length;
  const none: RowBalance = { in: 0, kept: 0, duplicates: 0, conflicts: 0, rejected: 0 };
  return {
    files: (await rawFiles(workspace)).length,
    balance: (await readRowBalance(workspace)) ?? none,
    rows: Object.fromEntries(counts),
    served: await servedDays(workspace, effects),
    models: new Set(symbols.flatMap(({ forecasts }) => forecasts.map(({ model }) => model))).size,
    symbols: symbols.length,
    horizon: symbols[0]?.forecasts[0]?.steps.length ?? 0,
    windows: symbols.reduce((sum, { cutoffs }) => sum + cutoffs.length, 0),
    notebooks,
    verdicts: { all: claims.length, hold: count(true), fail: count(false), open: count(null) },
    claimValue: (week) => claims.find((claim) => claim.week === week)?.value ?? { en: "–", vi: "–" },
  };
}

async function servedDays(workspace: Workspace, effects: Effects): Promise<ServedDays> {
  const table = await readTable(workspace, "daily_filled");
  const rows =
    table === null
      ? []
      : await readRows<{ symbol: string; origin: Origin; days: number; first: string; last: string }>(
          workspace,
          effects,
          `SELECT symbol, origin, count(*)::DOUBLE AS days, min(day)::VARCHAR AS first, max(day)::VARCHAR AS last
           FROM ${table.sql} GROUP BY ALL ORDER BY ALL`,
        );
  const sum = (some: typeof rows) => some.reduce((all, row) => all + row.days, 0);
  const origins = (Object.keys(ORIGIN_TEXTS) as Origin[])
    .map((origin) => ({ origin, days: sum(rows.filter((row) => row.origin === origin)) }))
    .filter(({ days }) => days > 0);
  const listed = origins.map(({ origin, days }) => {
    const name = ORIGIN_TEXTS[origin];
    return en`${name} ${days}`.vi`${name} ${days}`;
  });
  return {
    days: sum(rows),
    first: rows.map(({ first }) => first).sort()[0] ?? "–",
    last:
      rows
        .map(({ last }) => last)
        .sort()
        .at(-1) ?? "–",
    symbols: [...new Set(rows.map(({ symbol }) => symbol))],
    origins: joined(listed, ", "),
  };
}
