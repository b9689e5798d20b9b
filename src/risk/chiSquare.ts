const SERIES_END = 3;

/** Complementary error function for x ≥ 0, to about 1e-14 (Abramowitz & Stegun 1964, 7.1.6 and 7.1.14). */
function erfc(x: number): number {
  const factor = Math.exp(-x * x) / Math.sqrt(Math.PI);
  if (x < SERIES_END) {
    let term = 2 * x;
    let sum = term;
    for (let n = 1; term > 1e-17 * sum; n += 1) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - factor * sum;
  }
  let fraction = x;
  for (let n = 60; n > 0; n -= 1) fraction = x + n / 2 / fraction;
  return factor / fraction;
}

/**
 * Probability that a chi-square variable exceeds a value.
 * @param statistic 0 or more
 * @param freedom degrees of freedom
 */
export function chiSquareTail(statistic: number, freedom: 1 | 2): number {
  return freedom === 1 ? erfc(Math.sqrt(statistic / 2)) : Math.exp(-statistic / 2);
}
