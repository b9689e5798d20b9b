/** Prophet: what other folders may use of it. */
export { type ProphetComponents, prophetComponents } from "./components.ts";
export { type DailyProphetOptions, prophet } from "./daily.ts";
export type { Observations, Rows } from "./history.ts";
export { BITCOIN_HALVINGS } from "./holidays.ts";
export { FittedProphet, Prophet } from "./model.ts";
export type {
  Availability,
  Growth,
  Holiday,
  Mode,
  ProphetOptions,
  Regressor,
  Seasonality,
  SeasonalitySwitch,
} from "./options.ts";
export type { Prediction, PredictOptions } from "./predict.ts";
export { knownFuture, lagged } from "./regressors.ts";
