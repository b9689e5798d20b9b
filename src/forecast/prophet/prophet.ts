/** Prophet: what other folders may use of it. */

export { type DailyProphetOptions, prophet } from "./dailyProphet.ts";
export type { Observations, Rows } from "./history.ts";
export { BITCOIN_HALVINGS } from "./holidays.ts";
export { FittedProphet, Prophet } from "./model.ts";
export type { Prediction, PredictOptions } from "./predict.ts";
export { type ProphetComponents, prophetComponents } from "./prophetComponents.ts";
export type {
  Availability,
  Growth,
  Holiday,
  Mode,
  ProphetOptions,
  Regressor,
  Seasonality,
  SeasonalitySwitch,
} from "./prophetOptions.ts";
export { knownFuture, lagged } from "./regressors.ts";
