import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { coverage, crps, mape } from "../evaluation/losses.ts";
import type { Outcome } from "../evaluation/outcome.ts";
import { skill } from "../evaluation/skill.ts";
import { FORECAST_FIELDS } from "../lake/columns.ts";
import { readRows } from "../lake/session.ts";
import type { Day } from "../time/day.ts";
import { type DiaryRow, quantilesOf, readDiaryTable } from "./diaryTable.ts";

/** How the forecasts that a model published have fared so far. */
export interface DiaryScore {
  symbol: string;
  model: string;
  /** Published forecasts. */
  forecasts: number;
  firstCutoff: Day;
  lastCutoff: Day;
  /** Forecast days that have come, and those that have not. */
  days: number;
  pending: number;
  /** Scores of the days that have come, as in the evaluation; null before the first. */
  mape: number | null;
  crps: number | null;
  coverage80: number | null;
  coverage95: number | null;
  /** Against the naive forecasts of the same cutoffs and days; overlapping forecasts make it look surer than it is. */
  skill: number | null;
}

type Row = DiaryRow & { last_close: number; actual: number | null };

/** `readDiary`, without scores where the diary is damaged: the list of tables reports the damage. */
export async function readSoundDiary(workspace: Workspace, effects: Effects = {}): Promise<DiaryScore[]> {
  return readDiary(workspace, effects).catch((error) => {
    if (error instanceof CandlebookError && error.code === "damaged_diary") return [];
    throw error;
  });
}

/**
 * The diary scored: one row for each symbol and model, in that order; none where nothing was ever forecast.
 * @throws CandlebookError `damaged_diary` (exit 1)
 */
export async function readDiary(workspace: Workspace, effects: Effects = {}): Promise<DiaryScore[]> {
  const table = await readDiaryTable(workspace);
  if (table === null) return [];
  const statement = `SELECT ${FORECAST_FIELDS} FROM ${table.sql} ORDER BY symbol, model, cutoff, data_hash, ds`;
  const rows = await readRows<Row>(workspace, effects, statement);
  const groups = Map.groupBy(rows, ({ symbol, model }) => `${symbol} ${model}`);
  return [...groups.values()].map((own) => scoreOf(own, groups.get(`${own[0].symbol} naive`) ?? []));
}

function scoreOf(rows: readonly Row[], naive: readonly Row[]): DiaryScore {
  const [{ symbol, model }] = rows;
  const came = rows.filter(({ actual }) => actual !== null);
  const outcomes = came.map(outcomeOf);
  const keyOf = ({ cutoff, data_hash, ds }: Row) => `${cutoff} ${data_hash} ${ds}`;
  const known = new Set(came.map(keyOf));
  const beside = naive.filter((row) => row.actual !== null && known.has(keyOf(row)));
  const score = crps(outcomes);
  return {
    symbol,
    model,
    forecasts: new Set(rows.map(({ cutoff, data_hash }) => `${cutoff} ${data_hash}`)).size,
    firstCutoff: rows[0].cutoff,
    lastCutoff: rows[rows.length - 1].cutoff,
    days: came.length,
    pending: rows.length - came.length,
    mape: mape(outcomes),
    crps: score,
    coverage80: coverage(80)(outcomes),
    coverage95: coverage(95)(outcomes),
    skill: beside.length === came.length ? skill(score, crps(beside.map(outcomeOf))) : null,
  };
}

function outcomeOf(row: Row): Outcome {
  return {
    cutoff: row.cutoff,
    ds: row.ds,
    stepsAhead: row.steps_ahead,
    actual: row.actual ?? Number.NaN,
    yhat: row.yhat,
    quantiles: quantilesOf(row),
    lastClose: row.last_close,
    naiveError: Number.NaN,
  };
}
