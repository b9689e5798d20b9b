import type { Series } from "../forecast/forecaster.ts";
import { addDays, type Day } from "../time/day.ts";
import { riskDays } from "./riskDays.ts";
import { Residuals, SIDES, type Side, TAIL_LEVELS, type TailLevel } from "./tails.ts";
import { type Outcomes, RISK_MODELS, type RiskModel, varianceForecasts } from "./variances.ts";

/** Value at risk (`var`) and expected shortfall (`es`), change of the close, %; null with too short a past. */
export type TailColumns = Record<`${"var" | "es"}${TailLevel}_${Side}`, number | null>;

/** A row of `risk_forecasts`: what one model expected, at one cutoff, of the window that begins the day after. */
export interface RiskRow extends TailColumns {
  symbol: string;
  model: RiskModel;
  /** The last day that the model has seen. */
  cutoff: Day;
  /** The last day of the window. */
  ds: Day;
  /** Days in the window. */
  steps_ahead: number;
  /** Of the log return over the window. */
  variance: number;
  /** Sum of the squared daily log returns; null where a day has no data, or has not come. */
  realized_variance: number | null;
  /** Of the close over the window, %. */
  change: number | null;
}

/**
 * A symbol's risk as every model saw it on every day, each with that day and the days before it alone; sorted by model,
 * steps ahead, cutoff. Empty with 30 returns or fewer.
 */
export function riskRows(series: Series): RiskRow[] {
  const days = riskDays(series);
  const forecasts = varianceForecasts(days);
  return RISK_MODELS.flatMap((model) =>
    [...forecasts].flatMap(([stepsAhead, { outcomes, variances }]) => {
      const rows: RiskRow[] = [];
      const residuals = new Residuals();
      variances[model].forEach((variance, t) => {
        addResidual(residuals, { outcomes, variances: variances[model] }, t - stepsAhead);
        if (Number.isNaN(variance)) return;
        const cutoff = series.days[days.index[t]];
        const key = { symbol: series.symbol, model, cutoff, ds: addDays(cutoff, stepsAhead) };
        rows.push({
          ...key,
          steps_ahead: stepsAhead,
          variance,
          ...tailsOf(residuals, variance),
          realized_variance: known(outcomes.variance[t]),
          change: known(percent(outcomes.change[t])),
        });
      });
      return rows;
    }),
  );
}

/** Of the window that has just become known. */
function addResidual(
  residuals: Residuals,
  { outcomes, variances }: { outcomes: Outcomes; variances: Float64Array },
  t: number,
): void {
  if (t < 0) return;
  const residual = outcomes.change[t] / Math.sqrt(variances[t]);
  if (!Number.isNaN(residual)) residuals.add(residual);
}

function tailsOf(residuals: Residuals, variance: number): TailColumns {
  const columns: Partial<TailColumns> = {};
  for (const side of SIDES) {
    for (const level of TAIL_LEVELS) {
      const tail = residuals.tail(level, side, variance);
      columns[`var${level.level}_${side}`] = tail && percent(tail.valueAtRisk);
      columns[`es${level.level}_${side}`] = tail && percent(tail.expectedShortfall);
    }
  }
  return columns as TailColumns;
}

/** A log return as the change in percent. */
function percent(logReturn: number): number {
  return 100 * Math.expm1(logReturn);
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
