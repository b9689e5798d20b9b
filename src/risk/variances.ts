import { ewma } from "../forecast/volatility/ewma.ts";
import { SMALLEST_VARIANCE } from "../forecast/volatility/rangeVariance.ts";
import { fitGarch, garchAhead, garchVariances } from "./garch.ts";
import { harVariances } from "./harVariances.ts";
import { qlike } from "./loss.ts";
import type { RiskDays } from "./riskDays.ts";

/** Variance models by the names that the tables use. */
export const RISK_MODELS = ["ewma", "garch", "har", "combination"] as const;
export type RiskModel = (typeof RISK_MODELS)[number];

/** The model whose forecast is shown first, chosen on cutoffs before 2021-10-23 (`bench/risk`). */
export const DEFAULT_RISK_MODEL: RiskModel = "har";

/** Days ahead whose risk is forecast. */
export const RISK_HORIZONS = [1, 7, 30] as const;

const DECAY = 0.94;
const WARM_UP = 30;
const GARCH_DAYS = 365;
const MEMORIES = [365, 730, Number.POSITIVE_INFINITY];

/** What came after each day: NaN where a day of the window has no data, or has not come. */
export interface Outcomes {
  /** Sum of the squared daily log returns. */
  variance: Float64Array;
  /** Log return over the window. */
  change: Float64Array;
}

/** The outcome of the `daysAhead` days after each day. */
function outcomesAfter({ index, returns }: RiskDays, daysAhead: number): Outcomes {
  const variance = new Float64Array(index.length).fill(Number.NaN);
  const change = variance.slice();
  for (let t = 0; t + daysAhead < index.length; t += 1) {
    if (index[t + daysAhead] - index[t] !== daysAhead) continue;
    const window = returns.subarray(t + 1, t + 1 + daysAhead);
    variance[t] = window.reduce((sum, value) => sum + value ** 2, 0);
    change[t] = window.reduce((sum, value) => sum + value, 0);
  }
  return { variance, change };
}

/** By model: for each day the variance expected of the log return over a window from it, NaN where there is none. */
export type Variances = Record<RiskModel, Float64Array>;

/**
 * Every model's forecasts from every day, by horizon; each uses that day and the days before it alone.
 * `ewma`: RiskMetrics, decay 0.94, on squared returns. `garch`: GARCH(1,1) with Student's t, fitted again every 365
 * days. `har`: on log range variance; of three memories (1 year, 2 years, all) the one whose forecasts had the lowest
 * QLIKE so far. `combination`: the geometric mean of the three.
 */
export function varianceForecasts(days: RiskDays): Map<number, { outcomes: Outcomes; variances: Variances }> {
  const smoothed = ewma(
    days.returns.map((value) => value ** 2),
    DECAY,
  );
  const garch = garchForecasts(days.returns);
  return new Map(
    RISK_HORIZONS.map((daysAhead, i) => {
      const outcomes = outcomesAfter(days, daysAhead);
      const atLeast = (values: Float64Array) =>
        values.map((value) => Math.max(value, SMALLEST_VARIANCE * daysAhead));
      const members = {
        ewma: atLeast(smoothed.map((value, t) => (t < WARM_UP ? Number.NaN : daysAhead * value))),
        garch: atLeast(garch[i]),
        har: atLeast(adaptiveHar(days.ranges, daysAhead, outcomes.variance)),
      };
      const combination = members.ewma.map((value, t) =>
        Math.cbrt(value * members.garch[t] * members.har[t]),
      );
      return [daysAhead, { outcomes, variances: { ...members, combination } }];
    }),
  );
}

/** @returns for each horizon the forecasts from every day */
function garchForecasts(returns: Float64Array): Float64Array[] {
  const forecasts = RISK_HORIZONS.map(() => new Float64Array(returns.length).fill(Number.NaN));
  for (let first = GARCH_DAYS; first <= returns.length; first += GARCH_DAYS) {
    const model = fitGarch(returns.slice(0, first));
    const end = Math.min(first + GARCH_DAYS, returns.length + 1);
    const variances = garchVariances(model, returns.slice(0, end - 1));
    for (let known = first; known < end; known += 1) {
      RISK_HORIZONS.forEach((daysAhead, i) => {
        forecasts[i][known - 1] = garchAhead(model, variances[known], daysAhead);
      });
    }
  }
  return forecasts;
}

function adaptiveHar(ranges: Float64Array, daysAhead: number, outcomes: Float64Array): Float64Array {
  const candidates = MEMORIES.map((memory) => harVariances(ranges, daysAhead, memory));
  const losses = candidates.map(() => 0);
  return ranges.map((_, t) => {
    const known = t - daysAhead;
    if (known >= 0 && !Number.isNaN(outcomes[known] + candidates[0][known])) {
      candidates.forEach((own, k) => {
        losses[k] += qlike(own[known], outcomes[known], daysAhead);
      });
    }
    return candidates[losses.lastIndexOf(Math.min(...losses))][t];
  });
}
