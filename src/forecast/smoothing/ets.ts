import { en } from "../../core/text.ts";
import { badOption } from "../badOption.ts";
import { MIN_DAYS } from "../check.ts";
import { defineForecaster, eachDay, logNormal } from "../define.ts";
import type { Forecaster } from "../forecaster.ts";
import { CRITERIA, type Criterion, criterionOf } from "./criterion.ts";
import { fitSmoothing, type Smoothing } from "./exponential.ts";
import { SELECTED } from "./selectedModel.ts";

const MODELS = ["ANN", "AAN", "AAdN"] as const;

export interface EtsOptions {
  /**
   * Error, trend, season, as in statsforecast and R: `ANN` a level, `AAN` with a trend, `AAdN` with a damped one,
   * `ZZN` (default) whichever has the smallest criterion.
   */
  model?: (typeof MODELS)[number] | "ZZN";
  /**
   * `aicc` (default; why: docs/semantics.md) or `bic`, by R's name. These fits are exact, so that a trend that noise
   * drew always gains something; `bic` requires more of it, and selects none for prices.
   */
  ic?: Criterion;
}

/**
 * Exponential smoothing on log price, errors and trend additive there, so that they multiply the price.
 * Band: Gaussian on log price, variance σ² (1 + Σ c_j²), c_j = α + β (φ + … + φ^j) (Hyndman, Koehler, Ord & Snyder
 * 2008, "Forecasting with Exponential Smoothing", table 6.2).
 * @throws CandlebookError `bad_option` (exit 2) for another model or criterion
 */
export function ets({ model = "ZZN", ic = SELECTED.ic }: EtsOptions = {}): Forecaster {
  const known = model === "ZZN" || MODELS.includes(model);
  if (!known) throw badOption("ets", "model", model, `ZZN, ${MODELS.join(", ")}`);
  if (!CRITERIA.includes(ic)) throw badOption("ets", "ic", ic, CRITERIA.join(", "));
  return defineForecaster({
    name: "ets",
    title: { en: "Exponential smoothing", vi: "Làm trơn hàm mũ" },
    method: en`exponential smoothing on log price: level, trend or damped trend by AICc; Gaussian on log price`
      .vi`làm trơn hàm mũ trên log giá: mức, xu hướng hay xu hướng tắt dần theo AICc; Gauss trên log giá`,
    needs: { days: MIN_DAYS, columns: ["close"] },
    spec: { name: "ets", options: { model, ic } },
    fit({ close }) {
      const last = close[close.length - 1];
      const y = close.map((price) => Math.log(price / last));
      const fits = (model === "ZZN" ? MODELS : [model]).map((form) => fitSmoothing(form, y));
      const best = fits.reduce((a, b) => (criterionOf(ic, b) < criterionOf(ic, a) ? b : a));
      const { level, slope, phi } = best;
      return {
        predict: eachDay((stepsAhead) => {
          const median = last * Math.exp(level + slope * dampedSum(phi, stepsAhead));
          return logNormal(median, Math.sqrt(varianceAhead(best, stepsAhead)));
        }),
      };
    },
  });
}

function varianceAhead({ alpha, beta, phi, variance }: Smoothing, stepsAhead: number): number {
  let sum = 1;
  for (let j = 1; j < stepsAhead; j += 1) sum += (alpha + beta * dampedSum(phi, j)) ** 2;
  return variance * sum;
}

/** φ + φ² + … + φ^count */
function dampedSum(phi: number, count: number): number {
  return phi === 1 ? count : (phi * (1 - phi ** count)) / (1 - phi);
}
