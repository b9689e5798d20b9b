/**
 * A member of the random-walk ensemble: an opinion on how far the price may move.
 * Returned by its file's builder, which takes the history once.
 */
export interface Member {
  name: string;
  /** Days of history that it needs to look this far ahead; with fewer it is left out and named. */
  minDays(stepsAhead: number): number;
  /** Quantiles of the log return over the next `stepsAhead` days, at `QUANTILE_LEVELS`. */
  quantiles(stepsAhead: number): Float64Array;
}
