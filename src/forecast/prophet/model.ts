import { makeChangepoints } from "./changepoints.ts";
import { buildFeatures, checkNames, type FeatureBlock, perColumn } from "./features.ts";
import { type History, type Observations, type Rows, sortFuture, sortHistory } from "./history.ts";
import { makeHolidays } from "./holidays.ts";
import { initialTrend } from "./initial.ts";
import { type MapEstimate, maximizePosterior } from "./map.ts";
import type { MapProblem } from "./posterior.ts";
import { type Fit, type Prediction, type PredictOptions, predictRows } from "./predict.ts";
import {
  type Mode,
  type ProphetOptions,
  type Regressor,
  resolveOptions,
  type Seasonality,
  type Settings,
} from "./prophetOptions.ts";
import { dropUnlagged, makeRegressors } from "./regressors.ts";
import { floorOf, makeScales, scaledCap, scaleTime } from "./scales.ts";
import { makeSeasonalities } from "./seasonality.ts";

/**
 * Prophet (Taylor and Letham 2018) for rows (ds, y) of any spacing: piecewise trend, Fourier seasonalities,
 * holidays and regressors, fitted to the exact maximum of Python Prophet's posterior.
 * @example new Prophet({ weeklySeasonality: false }).fit({ ds, y }).predict({ ds: future }).yhat
 */
export class Prophet {
  readonly options: ProphetOptions;

  /** @throws CandlebookError `prophet_option` where an option is out of its range */
  constructor(options: ProphetOptions = {}) {
    resolveOptions(options);
    this.options = options;
  }

  /** This model with one more seasonality. */
  addSeasonality(seasonality: Seasonality): Prophet {
    return new Prophet({
      ...this.options,
      seasonalities: [...(this.options.seasonalities ?? []), seasonality],
    });
  }

  /** This model with one more regressor. */
  addRegressor(regressor: Regressor): Prophet {
    return new Prophet({ ...this.options, regressors: [...(this.options.regressors ?? []), regressor] });
  }

  /**
   * Fits the model; the order of the rows does not matter, the same rows give the same bits.
   * @throws CandlebookError where the rows or the options that concern them can't be used
   */
  fit(observations: Observations): FittedProphet {
    const settings = resolveOptions(this.options);
    const all = sortHistory(observations);
    const history = dropUnlagged(all, settings);
    const blocks = [
      ...makeSeasonalities(history.ds, settings),
      ...makeHolidays(settings),
      ...makeRegressors(all, history, settings),
    ];
    checkNames(blocks);
    return new FittedProphet(history, settings, blocks);
  }
}

/** A fitted model. */
export class FittedProphet {
  /** Dates of the changepoints, milliseconds. */
  readonly changepoints: readonly number[];
  /** By component, whether its values are in the unit of y or fractions of the trend. */
  readonly modes: Readonly<Record<string, Mode>>;
  /** The maximum a posteriori estimate, on the scaled axes. */
  readonly estimate: MapEstimate;
  /** What the estimate maximises. */
  readonly problem: MapProblem;
  readonly #fit: Fit;

  constructor(history: History, settings: Settings, blocks: readonly FeatureBlock[]) {
    const scales = makeScales(history, settings);
    const floor = floorOf(history, scales);
    this.changepoints = settings.growth === "flat" ? [] : makeChangepoints(history.ds, settings);
    this.modes = Object.fromEntries(blocks.map(({ name, mode }) => [name, mode]));
    this.problem = {
      growth: settings.growth,
      t: scaleTime(history.ds, scales),
      y: history.y.map((v, i) => (v - floor[i]) / scales.yScale),
      cap: scaledCap(history, settings, scales),
      changepoints: scaleTime(this.changepoints, scales),
      features: buildFeatures(blocks, history),
      multiplicative: Uint8Array.from(perColumn(blocks, ({ mode }) => (mode === "multiplicative" ? 1 : 0))),
      priorScales: Float64Array.from(perColumn(blocks, ({ priorScale }) => priorScale)),
      changepointPriorScale: settings.changepointPriorScale,
    };
    this.estimate = estimate(this.problem);
    const { changepoints } = this.problem;
    const { parameters } = this.estimate;
    this.#fit = { settings, scales, blocks, parameters, changepoints, rows: history.ds.length };
  }

  /**
   * Predicts rows of the history or the future, in order of time.
   * @throws CandlebookError where a row lacks what the model needs
   */
  predict(rows: Rows, options: PredictOptions = {}): Prediction {
    return predictRows(this.#fit, sortFuture(rows), options);
  }
}

function estimate(problem: MapProblem): MapEstimate {
  const { growth, t, y, cap, changepoints, features } = problem;
  const start = {
    ...initialTrend(growth, t, y, cap),
    delta: new Float64Array(changepoints.length),
    beta: new Float64Array(features.width),
  };
  // As Python Prophet: a constant series is its own forecast.
  const constant = growth !== "logistic" && y.every((v) => v === y[0]);
  if (constant)
    return { parameters: { ...start, sigma: 1e-9 }, objective: Number.POSITIVE_INFINITY, rounds: 0 };
  return maximizePosterior(problem, start);
}
