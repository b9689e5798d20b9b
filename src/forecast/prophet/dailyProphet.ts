import { en } from "../../core/text.ts";
import { addDays, type Day, startOfDay } from "../../time/day.ts";
import { MIN_DAYS } from "../check.ts";
import { defineForecaster } from "../define.ts";
import { type Forecaster, QUANTILE_LEVELS, type Series } from "../forecaster.ts";
import { daysThatHaveData } from "../series.ts";
import type { Observations, Rows } from "./history.ts";
import { type FittedProphet, Prophet } from "./model.ts";
import type { Prediction } from "./predict.ts";
import { type ProphetOptions, requireOption } from "./prophetOptions.ts";

/** Prophet on daily closes. `intervalWidth` has no effect here: the published quantiles are drawn. */
export interface DailyProphetOptions extends ProphetOptions {
  /** Its name in the tables; default `prophet`, with `_multiplicative`, `_log`, `_anchored` as they apply. */
  name?: string;
  /** Fit the logarithm of the price; the forecast is the median, brought back to the price. Default false. */
  log?: boolean;
  /**
   * Shift the whole forecast (on the scale that is fitted) so that it starts from the last close instead of
   * the trend. Default false.
   */
  anchored?: boolean;
  /** Capacity and floor of logistic growth, quote currency. */
  cap?: number;
  floor?: number;
  /** By name: regressors that are known in advance, and conditions (0 or 1), as functions of the day alone. */
  calendar?: Readonly<Record<string, (day: Day) => number>>;
  /** By name: lagged regressors, from the days that the model is fitted to, one value per day. */
  features?: Readonly<Record<string, (series: Series) => ArrayLike<number>>>;
}

/**
 * Prophet as a daily forecaster. Its paths are seeded with the number of days fitted, so that a cutoff gives
 * the same bits wherever it is computed. Components: the trend in quote currency; weekly and yearly in quote
 * currency, but as fractions of the price where they are multiplicative or the logarithm is fitted.
 * @throws CandlebookError `prophet_option` where an option is out of its range; `predict` throws
 *   `regressor_availability` where the horizon is longer than a regressor's lag
 */
export function prophet(options: DailyProphetOptions = {}): Forecaster {
  const { name, log = false, anchored = false, cap, floor, calendar, features, ...core } = options;
  const model = new Prophet(core);
  requireOption(
    core.uncertaintySamples !== 0,
    "uncertaintySamples",
    0,
    "at least 1 for a published forecast",
  );
  const ending = [
    core.seasonalityMode === "multiplicative" && "multiplicative",
    log && "log",
    anchored && "anchored",
  ];
  const modelName = name ?? ["prophet", ...ending.filter(Boolean)].join("_");
  const toFitted = log ? Math.log : (price: number) => price;
  const toPrice = log ? Math.exp : (value: number) => value;
  const limit = (price: number | undefined) => (price === undefined ? undefined : toFitted(price));

  const rowsOf = (days: readonly Day[]): Rows => ({
    ds: days.map(startOfDay),
    cap: limit(cap),
    floor: limit(floor),
    columns: Object.fromEntries(
      Object.entries(calendar ?? {}).map(([column, value]) => [column, days.map((day) => value(day))]),
    ),
  });
  const historyOf = (series: Series): Observations => {
    const rows = rowsOf(series.days);
    const own = Object.entries(features ?? {}).map(([column, values]) => [column, values(series)]);
    const columns: Record<string, ArrayLike<number>> = { ...rows.columns, ...Object.fromEntries(own) };
    // Prophet fits any days: those without data are left out.
    const known = daysThatHaveData(series);
    const pick = <Value>(of: ArrayLike<Value>) => known.map((i) => of[i]);
    return {
      ...rows,
      ds: pick(rows.ds),
      columns: Object.fromEntries(Object.entries(columns).map(([name, of]) => [name, pick(of)])),
      y: pick(series.close).map(toFitted),
    };
  };

  return defineForecaster({
    name: modelName,
    ...describe(log, anchored),
    needs: { days: MIN_DAYS, columns: ["close"], calendar: true },
    overflow: "its trend runs away",
    // Functions don't pass to a worker thread: a model that holds some is not built again there.
    ...(calendar || features ? {} : { spec: { name: "prophet", options: { ...options } } }),
    fit(series) {
      const history = historyOf(series);
      const fitted = model.fit(history);
      const { days } = series;
      const cutoff = days[days.length - 1];
      return {
        predict(horizon) {
          const future = Array.from({ length: horizon }, (_, i) => addDays(cutoff, i + 1));
          const prediction = fitted.predict(rowsOf(future), { seed: days.length, levels: QUANTILE_LEVELS });
          const last = anchored ? fitted.predict(rowsOf([cutoff])).yhat[0] : 0;
          const shift = anchored ? history.y[history.y.length - 1] - last : 0;
          return future.map((_, i) => ({
            yhat: toPrice(prediction.yhat[i] + shift),
            quantiles: Float64Array.from(prediction.quantiles!, (values) => toPrice(values[i] + shift)),
            components: log
              ? logComponents(prediction, fitted.modes, i, shift)
              : priceComponents(prediction, i, shift),
          }));
        },
      };
    },
  });
}

function describe(log: boolean, anchored: boolean): Pick<Forecaster, "title" | "method"> {
  const scale = log ? { en: "log price", vi: "log giá" } : { en: "the price", vi: "giá" };
  const moved = anchored
    ? { en: ", moved so that it starts from the last close", vi: ", dời để bắt đầu từ giá đóng cửa cuối" }
    : { en: "", vi: "" };
  return {
    title: en`Prophet on ${scale}${anchored ? ", anchored" : ""}`
      .vi`Prophet trên ${scale}${anchored ? ", neo" : ""}`,
    method: en`trend, weekly and yearly seasonality on ${scale}, at the exact maximum of its posterior${moved}; its own seeded paths, on which the trend continues to change`
      .vi`xu hướng, mùa tuần và mùa năm trên ${scale}, tại cực đại chính xác của hậu nghiệm${moved}; các đường mô phỏng có hạt giống của nó, trên đó xu hướng còn thay đổi`,
  };
}

/** Parts of a forecast of the price. */
function priceComponents({ trend, components: { weekly, yearly } }: Prediction, i: number, shift: number) {
  return { trend: trend[i] + shift, weekly: weekly?.[i], yearly: yearly?.[i] };
}

/** Parts of a forecast of the logarithm: the trend as a price, the others as what multiplies the price, less 1. */
function logComponents(
  { trend, components }: Prediction,
  modes: FittedProphet["modes"],
  i: number,
  shift: number,
) {
  const part = (name: string) => {
    const effect = components[name]?.[i];
    return effect && Math.expm1(modes[name] === "multiplicative" ? effect * trend[i] : effect);
  };
  return { trend: Math.exp(trend[i] + shift), weekly: part("weekly"), yearly: part("yearly") };
}
