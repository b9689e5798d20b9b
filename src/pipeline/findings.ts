import { clean } from "../batch/clean.ts";
import { formatNumber } from "../charts/theme.ts";
import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import type { ModelScore } from "../evaluation/score.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readTable } from "../lake/read.ts";
import { type Lake, withLake } from "../lake/session.ts";
import { readForecasts } from "./forecastRead.ts";
import { streamExperiment } from "./streamExperiment.ts";
import { summariesOf } from "./summaries.ts";

/** A claim with the number that was computed for it just now. */
export interface Finding {
  week: number;
  /** What the course asks for. */
  asked: string;
  claim: string;
  value: string;
  /** Null where this data can't decide it: the value says why. */
  holds: boolean | null;
  /** Where it is shown: a notebook and a cell of it. */
  proof: { notebook: string; cell: string };
}

type Computed = Pick<Finding, "value" | "holds">;

interface Claim extends Omit<Finding, keyof Computed> {
  compute(workspace: Workspace, effects: Effects): Promise<Computed>;
}

const BAND = { low: 70, high: 90 };

const CLAIMS: readonly Claim[] = [
  {
    week: 1,
    asked: "Read raw minute files of several forms",
    claim: "Every row read is kept, dropped as a duplicate or rejected with its reason.",
    proof: { notebook: "week1-ingestion", cell: "ingest" },
    compute: async (workspace, effects) => {
      const { balance } = await clean(workspace, {}, effects);
      const { in: read, kept, duplicates, rejected } = balance;
      const words = [read, kept, duplicates, rejected].map((count) => formatNumber(count));
      return {
        value: `${words[0]} = ${words[1]} + ${words[2]} + ${words[3]}`,
        holds: read === kept + duplicates + rejected,
      };
    },
  },
  {
    week: 2,
    asked: "Clean the data",
    claim: "No minute stands twice, and no candle has its high below or its low above its prices.",
    proof: { notebook: "week2-cleaning", cell: "clean" },
    compute: async (workspace, effects) => {
      const tables = (await publishedTables(workspace)).filter((name) => name.endsWith("_clean"));
      let rows = 0;
      let wrong = 0;
      for (const table of tables) {
        const [found] = await ask<{ rows: number; wrong: number }>(
          workspace,
          effects,
          table,
          (from) => `SELECT count(*)::DOUBLE AS rows, (count(*) - count(DISTINCT open_time)
            + count(*) FILTER (high < greatest(open, close) OR low > least(open, close)))::DOUBLE AS wrong FROM ${from}`,
        );
        rows += found?.rows ?? 0;
        wrong += found?.wrong ?? 0;
      }
      return { value: `${formatNumber(wrong)} of ${formatNumber(rows)} minutes`, holds: wrong === 0 };
    },
  },
  {
    week: 3,
    asked: "Make daily candles",
    claim: "Computed again by other means from the clean minutes, every day is the same.",
    proof: { notebook: "week3-daily-and-backfill", cell: "check" },
    compute: sameDays,
  },
  {
    week: 4,
    asked: "Process the live stream by event time",
    claim: "Out of order and partly twice, the stream's days equal the batch's, bit for bit.",
    proof: { notebook: "week4-streaming", cell: "proof" },
    compute: async (workspace, effects) => {
      const [found] = await ask<{ symbol: string }>(
        workspace,
        effects,
        "daily_batch",
        (from) => `SELECT min(symbol) AS symbol FROM ${from}`,
      );
      const { differences, messages } = await streamExperiment(workspace, { symbol: found.symbol }, effects);
      const value = `${formatNumber(differences.length)} differences after ${formatNumber(messages)} messages`;
      return { value, holds: differences.length === 0 };
    },
  },
  {
    week: 5,
    asked: "Merge the layers into one timeline",
    claim: "From a symbol's first day to its last, each day stands exactly once.",
    proof: { notebook: "week5-merge", cell: "calendar" },
    compute: async (workspace, effects) => {
      const [found] = await ask<{ days: number; wrong: number }>(
        workspace,
        effects,
        "daily_filled",
        (
          from,
        ) => `SELECT sum(days)::DOUBLE AS days, sum(abs(days - span) + days - distinct_days)::DOUBLE AS wrong FROM (
          SELECT count(*) AS days, count(DISTINCT day) AS distinct_days, date_diff('day', min(day), max(day)) + 1 AS span
          FROM ${from} GROUP BY symbol)`,
      );
      return {
        value: `${formatNumber(found.wrong)} of ${formatNumber(found.days)} days`,
        holds: found.wrong === 0,
      };
    },
  },
  {
    week: 6,
    asked: "Forecast the next days with their uncertainty",
    claim:
      "Each published band widens around its forecast in order, above zero, for days after the cutoff only.",
    proof: { notebook: "week6-forecasting", cell: "fan" },
    compute: async (workspace, effects) => {
      const [found] = await ask<{ rows: number; wrong: number }>(
        workspace,
        effects,
        "prophet_forecasts",
        (
          from,
        ) => `SELECT count(*)::DOUBLE AS rows, count(*) FILTER (NOT (0 < lo95 AND lo95 <= lo80 AND lo80 <= hi80
          AND hi80 <= hi95 AND ds > cutoff AND isfinite(yhat)))::DOUBLE AS wrong FROM ${from}`,
      );
      if (!found || found.rows === 0) return { value: "no forecast: too short a history", holds: null };
      return {
        value: `${formatNumber(found.wrong)} of ${formatNumber(found.rows)} bands wrong`,
        holds: found.wrong === 0,
      };
    },
  },
  {
    week: 7,
    asked: "Evaluate honestly",
    claim: `The 80 % band of the shown model held between ${BAND.low} and ${BAND.high} % of the days it had not seen.`,
    proof: { notebook: "week7-evaluation", cell: "coverage" },
    compute: coverage,
  },
  {
    week: 7,
    asked: "Compare with the simplest forecast",
    claim:
      "The shown model's distribution is not worse than the naive one's by more than chance explains (t below 2).",
    proof: { notebook: "week7-evaluation", cell: "scores" },
    compute: besideNaive,
  },
];

/**
 * Every claim of the report with the number that proves or refutes it, computed now from the workspace's tables.
 * @throws CandlebookError `interrupted`; a claim that this data can't decide is a finding with its reason
 */
export async function findings(workspace: Workspace, effects: Effects = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [done, { compute, ...claim }] of CLAIMS.entries()) {
    effects.progress?.({ stage: "findings", note: claim.asked, done, total: CLAIMS.length });
    found.push({ ...claim, ...(await decided(compute(workspace, effects))) });
  }
  const total = CLAIMS.length;
  effects.progress?.({ stage: "findings", note: `${total} claims`, done: total, total });
  return found;
}

async function decided(computing: Promise<Computed>): Promise<Computed> {
  try {
    return await computing;
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.exit !== 2) throw error;
    return { value: error.message, holds: null };
  }
}

async function ask<Row>(
  workspace: Workspace,
  effects: Effects,
  table: string,
  statement: (from: string) => string,
): Promise<Row[]> {
  const version = await readTable(workspace, table);
  if (version === null) return [];
  return withLake(workspace, effects, (lake) => lake.rows<Row>(statement(version.sql)));
}

async function sameDays(workspace: Workspace, effects: Effects): Promise<Computed> {
  const days = await readTable(workspace, "daily_batch");
  const names = (await publishedTables(workspace)).filter((name) => name.endsWith("_clean"));
  if (days === null || names.length === 0) return { value: "there are no days yet", holds: null };
  let compared = 0;
  let different = 0;
  await withLake(workspace, effects, async (lake: Lake) => {
    for (const name of names) {
      const minutes = await readTable(workspace, name);
      const [found] = await lake.rows<{ compared: number; different: number }>(
        `SELECT count(*)::DOUBLE AS compared, count(*) FILTER (NOT (d.open = m.open AND d.high = m.high AND d.low = m.low
          AND d.close = m.close AND d.minutes = m.minutes AND abs(d.volume - m.volume) <= 1e-9 * m.volume))::DOUBLE AS different
        FROM ${days.sql} d JOIN (SELECT symbol, open_time::DATE AS day, arg_min(open, open_time) AS open, max(high) AS high,
          min(low) AS low, arg_max(close, open_time) AS close, sum(volume) AS volume, count(*) AS minutes
          FROM ${minutes?.sql} GROUP BY ALL) m ON d.symbol = m.symbol AND d.day = m.day`,
      );
      compared += found.compared;
      different += found.different;
    }
  });
  return {
    value: `${formatNumber(different)} of ${formatNumber(compared)} days differ`,
    holds: different === 0,
  };
}

interface ShownScore {
  symbol: string;
  score: ModelScore;
}

/** The shown model's scores, one for each symbol that has a backtest. */
async function shownScores(workspace: Workspace, effects: Effects): Promise<ShownScore[]> {
  const { symbols } = await readForecasts(workspace, effects);
  return symbols.flatMap((symbol) => {
    const [{ model }] = summariesOf(workspace, [symbol]);
    const score = symbol.scores.find((one) => one.model === model);
    return symbol.scored && score !== undefined ? [{ symbol: symbol.symbol, score }] : [];
  });
}

const UNSCORED: Computed = { value: "unscored: the history is too short for a backtest", holds: null };

async function coverage(workspace: Workspace, effects: Effects): Promise<Computed> {
  const shown = await shownScores(workspace, effects);
  if (shown.length === 0) return UNSCORED;
  const held = shown.map(({ score }) => score.coverage80 ?? 0);
  return {
    value: shown.map(({ symbol }, i) => `${symbol} ${formatNumber(held[i], 1)} %`).join(", "),
    holds: held.every((value) => value >= BAND.low && value <= BAND.high),
  };
}

// Whether a market can be beaten is the market's affair: on a pure random walk the naive's distribution is the true
// one, and "skill above zero" would be red however good the model.
async function besideNaive(workspace: Workspace, effects: Effects): Promise<Computed> {
  const shown = await shownScores(workspace, effects);
  if (shown.length === 0) return UNSCORED;
  const words = shown.map(({ symbol, score: { skill, dmT } }) => {
    const t = dmT === null ? "–" : formatNumber(dmT, 2);
    return `${symbol} skill ${skill === null ? "–" : `${formatNumber(100 * skill, 2)} %`}, t ${t}`;
  });
  return { value: words.join("; "), holds: shown.every(({ score: { dmT } }) => dmT === null || dmT < 2) };
}
