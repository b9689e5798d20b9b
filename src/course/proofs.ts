import { formatNumber, formatPercent } from "../charts/theme.ts";
import type { Effects } from "../core/effects.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import type { ModelScore } from "../evaluation/score.ts";
import { readForecasts } from "../forecasting/readForecasts.ts";
import { summariesOf } from "../forecasting/summaries.ts";
import { publishedTables } from "../lake/catalog.ts";
import { readTable } from "../lake/read.ts";
import { readRows, withLake } from "../lake/session.ts";
import { isCurrent } from "../serving/isCurrent.ts";
import { readDays } from "../serving/readDays.ts";
import { readRowBalance } from "../serving/rowBalance.ts";
import { streamExperiment } from "./streamExperiment.ts";

/** The number that decides a claim. */
export interface Verdict {
  value: Text;
  /** Null where this data can't decide it: the value says why. */
  holds: boolean | null;
}

/**
 * Decides a claim from the published tables; publishes nothing.
 * @throws CandlebookError with exit 2 where a table is missing or not up to date
 */
export type Proof = (workspace: Workspace, effects: Effects) => Promise<Verdict>;

/** Percent of the days that the 80 % band of the shown model should hold. */
export const BAND = { low: 70, high: 90 };

const undecided = (en: string, vi: string): Verdict => ({ value: { en, vi }, holds: null });
const UNSCORED = undecided(
  "unscored: the history is too short for a backtest",
  "không chấm điểm: lịch sử quá ngắn để kiểm định lùi",
);

export const rowBalanceHolds: Proof = async (workspace) => {
  const balance = await readRowBalance(workspace);
  if (balance === null) return undecided("there are no minutes yet", "chưa có nến phút nào");
  const { in: read, kept, duplicates, rejected, current } = balance;
  if (!current) {
    return undecided(
      "the clean minutes are not those of the last ingest: run candlebook clean",
      "nến phút sạch không phải của lần nhập cuối: hãy chạy candlebook clean",
    );
  }
  const value = en`${read} = ${kept} + ${duplicates} + ${rejected}`
    .vi`${read} = ${kept} + ${duplicates} + ${rejected}`;
  return { value, holds: read === kept + duplicates + rejected };
};

export const minutesAreClean: Proof = async (workspace, effects) => {
  let rows = 0;
  let wrong = 0;
  for (const table of await cleanTables(workspace)) {
    const found = await firstRow<{ rows: number; wrong: number }>(
      workspace,
      table,
      (from) => `SELECT count(*)::DOUBLE AS rows, (count(*) - count(DISTINCT open_time)
        + count(*) FILTER (high < greatest(open, close) OR low > least(open, close)))::DOUBLE AS wrong FROM ${from}`,
      effects,
    );
    rows += found?.rows ?? 0;
    wrong += found?.wrong ?? 0;
  }
  const value = en`${wrong} of ${rows} minutes`.vi`${wrong} trên ${rows} phút`;
  return { value, holds: wrong === 0 };
};

/** Folds the clean minutes in SQL of its own and compares. */
export const daysAreSame: Proof = async (workspace, effects) => {
  const days = await readTable(workspace, "daily_batch");
  const names = await cleanTables(workspace);
  if (days === null || names.length === 0) return undecided("there are no days yet", "chưa có ngày nào");
  if (!(await isCurrent(workspace, days.manifest))) {
    return undecided(
      "daily_batch is not of the clean minutes as they are now: run candlebook daily",
      "daily_batch không phải của nến phút sạch hiện tại: hãy chạy candlebook daily",
    );
  }
  let compared = 0;
  let different = 0;
  await withLake(workspace, effects, async (lake) => {
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
    value: en`${different} of ${compared} days differ`.vi`${different} trên ${compared} ngày khác nhau`,
    holds: different === 0,
  };
};

/** On the first symbol that has days. */
export const streamEqualsBatch: Proof = async (workspace, effects) => {
  const { days } = await readDays(workspace, { table: "daily_batch" }, effects);
  const [first] = days;
  if (first === undefined) return undecided("there are no days yet", "chưa có ngày nào");
  const { symbol } = first;
  const { differences, messages } = await streamExperiment(workspace, { symbol }, effects);
  const value = en`${differences.length} differences after ${messages} messages`
    .vi`${differences.length} khác biệt sau ${messages} tin nhắn`;
  return { value, holds: differences.length === 0 };
};

export const everyDayOnce: Proof = async (workspace, effects) => {
  const found = await firstRow<{ days: number | null; wrong: number }>(
    workspace,
    "daily_filled",
    (
      from,
    ) => `SELECT sum(days)::DOUBLE AS days, sum(abs(days - span) + days - distinct_days)::DOUBLE AS wrong FROM (
      SELECT count(*) AS days, count(DISTINCT day) AS distinct_days, date_diff('day', min(day), max(day)) + 1 AS span
      FROM ${from} GROUP BY symbol)`,
    effects,
  );
  if (!found?.days) return undecided("there are no days yet", "chưa có ngày nào");
  const { days, wrong } = found;
  const value = en`${wrong} of ${days} days`.vi`${wrong} trên ${days} ngày`;
  return { value, holds: wrong === 0 };
};

export const bandsAreOrdered: Proof = async (workspace, effects) => {
  const found = await firstRow<{ rows: number; wrong: number }>(
    workspace,
    "prophet_forecasts",
    (
      from,
    ) => `SELECT count(*)::DOUBLE AS rows, count(*) FILTER (NOT (0 < lo95 AND lo95 <= lo80 AND lo80 <= hi80
      AND hi80 <= hi95 AND ds > cutoff AND isfinite(yhat)))::DOUBLE AS wrong FROM ${from}`,
    effects,
  );
  if (!found?.rows) {
    return undecided("no forecast: too short a history", "không có dự báo: lịch sử quá ngắn");
  }
  const { rows, wrong } = found;
  const value = en`${wrong} of ${rows} bands wrong`.vi`${wrong} trên ${rows} dải sai`;
  return { value, holds: wrong === 0 };
};

export const bandHolds: Proof = async (workspace, effects) => {
  const shown = await shownScores(workspace, effects);
  if (shown.length === 0) return UNSCORED;
  const held = shown.map(({ score }) => score.coverage80 ?? 0);
  const values = shown.map(({ symbol }, i) => joined([sameText(symbol), formatPercent(held[i])], " "));
  return {
    value: joined(values, ", "),
    holds: held.every((percent) => percent >= BAND.low && percent <= BAND.high),
  };
};

// Whether a market can be beaten is the market's affair: on a pure random walk the naive's distribution is the true
// one, and "skill above zero" would be red however good the model.
export const notWorseThanNaive: Proof = async (workspace, effects) => {
  const shown = await shownScores(workspace, effects);
  if (shown.length === 0) return UNSCORED;
  const numbers = shown.map(({ symbol, score: { skill, dmT } }) => {
    const t = dmT === null ? "–" : formatNumber(dmT, 2);
    const better = skill === null ? "–" : formatPercent(100 * skill);
    return en`${symbol}: CRPS skill ${better}, t ${t}`.vi`${symbol}: skill CRPS ${better}, t ${t}`;
  });
  return {
    value: joined(numbers, "; "),
    holds: shown.every(({ score: { dmT } }) => dmT === null || dmT < 2),
  };
};

async function cleanTables(workspace: Workspace): Promise<string[]> {
  return (await publishedTables(workspace)).filter((name) => name.endsWith("_clean"));
}

/** The first row of a statement over a table; undefined where the table is not published. */
async function firstRow<Row>(
  workspace: Workspace,
  table: string,
  statement: (from: string) => string,
  effects: Effects,
): Promise<Row | undefined> {
  const version = await readTable(workspace, table);
  if (version === null) return undefined;
  return (await readRows<Row>(workspace, effects, statement(version.sql)))[0];
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
