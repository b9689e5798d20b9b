/** Prophet: what other folders may use of it. */
export { type DailyProphetOptions, prophet } from "./daily.ts";
export type { Observations, Rows } from "./history.ts";
export { BITCOIN_HALVINGS, type Holiday } from "./holidays.ts";
export { FittedProphet, Prophet } from "./model.ts";
export type { Growth, Mode, ProphetOptions, Seasonality, SeasonalitySwitch } from "./options.ts";
export type { Prediction, PredictOptions } from "./predict.ts";
export { type Availability, knownFuture, lagged, type Regressor } from "./regressors.ts";
