/**
 * Empirical quantile, type 7 of Hyndman & Fan (1996), "Sample Quantiles in Statistical Packages", The American
 * Statistician 50, 361–365: linear between the order statistics (the default of R, NumPy, pandas).
 * @param sorted ascending, at least one value
 * @param p 0 … 1
 */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const value = sorted[below];
  return below + 1 < sorted.length ? value + (position - below) * (sorted[below + 1] - value) : value;
}
