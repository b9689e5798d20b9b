import { en } from "../../core/text.ts";
import { badOption } from "../badOption.ts";
import { MIN_DAYS } from "../check.ts";
import { defineForecaster, logNormal } from "../define.ts";
import type { Forecaster } from "../forecaster.ts";
import { criterionOf } from "./criterion.ts";
import { SELECTED } from "./selectedModel.ts";
import { fitTheta, THETA_MODELS, type ThetaModel } from "./thetaLines.ts";

export interface ThetaOptions {
  /**
   * As in statsforecast: `STM` standard, `OTM` with optimised theta (default; why: docs/semantics.md), `DSTM` and
   * `DOTM` with a trend line that is drawn again each day. `auto`: the one with the smallest information criterion, that
   * of `ets`. statsforecast's AutoTheta takes the smallest squared error; with exact fits that is always one whose
   * theta is free.
   */
  model?: ThetaModel | "auto";
}

/**
 * The theta method on log price, without season.
 * Band: Gaussian on log price, variance σ² (1 + (h − 1) α²), σ of the one-step errors; a shock's effect on the trend
 * line, of the order 6h / n², is left out.
 * @throws CandlebookError `bad_option` (exit 2) for another model
 */
export function theta({ model = SELECTED.theta }: ThetaOptions = {}): Forecaster {
  const known = model === "auto" || THETA_MODELS.includes(model);
  if (!known) throw badOption("theta", "model", model, `auto, ${THETA_MODELS.join(", ")}`);
  return defineForecaster({
    name: "theta",
    title: { en: "Theta method", vi: "Phương pháp theta" },
    method: en`the theta method on log price, theta optimised (OTM); Gaussian on log price`
      .vi`phương pháp theta trên log giá, theta tối ưu (OTM); Gauss trên log giá`,
    needs: { days: MIN_DAYS, columns: ["close"] },
    spec: { name: "theta", options: { model } },
    fit({ close }) {
      const last = close[close.length - 1];
      const y = close.map((price) => Math.log(price / last));
      const fits = (model === "auto" ? THETA_MODELS : [model]).map((one) => fitTheta(one, y));
      const { alpha, sigma, forecast } = fits.reduce((a, b) =>
        criterionOf(SELECTED.ic, b) < criterionOf(SELECTED.ic, a) ? b : a,
      );
      const distribution = (mean: number, i: number) =>
        logNormal(last * Math.exp(mean), sigma * Math.sqrt(1 + i * alpha ** 2));
      return { predict: (horizon) => Array.from(forecast(horizon), distribution) };
    },
  });
}
