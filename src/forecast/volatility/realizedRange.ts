/** What a stretch of a day (an hour, say) began and ended at, and how far it went; quote currency. */
export interface PriceRange {
  open: number;
  high: number;
  low: number;
  close: number;
}

/**
 * Variance of the log return over a stretch, from its range: the opening jump squared plus
 * ½ ln(H/L)² − (2 ln 2 − 1) ln(C/O)² (Garman & Klass 1980, "On the Estimation of Security Price Volatilities from
 * Historical Data", Journal of Business 53, 67–78).
 * @param before the close before it
 */
export function garmanKlass({ open, high, low, close }: PriceRange, before: number): number {
  const jump = Math.log(open / before);
  const range = Math.log(high / low);
  const body = Math.log(close / open);
  return jump ** 2 + 0.5 * range ** 2 - (2 * Math.LN2 - 1) * body ** 2;
}

/**
 * Variance of a day's log return from the ranges of its hours: their sum, which sees what the day's own high and low
 * hide (realised range: Christensen & Podolskij 2007, "Realized Range-Based Estimation of Integrated Variance",
 * Journal of Econometrics 141, 323–349). The hours of one day in order; the jump into the first is left out.
 */
export function realizedRange(hours: readonly PriceRange[]): number {
  return hours.reduce((sum, hour, i) => sum + garmanKlass(hour, i === 0 ? hour.open : hours[i - 1].close), 0);
}
