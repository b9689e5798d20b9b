/** Daily log returns ln(c[i + 1] / c[i]); one fewer than there are prices. */
export function logReturns(close: Float64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, close.length - 1));
  for (let i = 0; i < returns.length; i += 1) returns[i] = Math.log(close[i + 1]) - Math.log(close[i]);
  return returns;
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i];
  return sum / values.length;
}

/** Sample standard deviation: about the mean, divisor n − 1. */
export function standardDeviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += (values[i] - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}
