import { factorize, solveFactorized } from "../forecast/prophet/cholesky.ts";
import { harFeatures, logMean } from "../forecast/volatility/har.ts";

/** Days whose mean variance explains what comes: day, week, month. */
const SPANS = [1, 7, 30];
const SIZE = SPANS.length + 1;
const RIDGE = 1e-3;
/** Windows whose outcome must be known before the first forecast. */
const ENOUGH = 60;

/** The moments of a weighted regression, from which its coefficients follow. */
interface Moments {
  gram: Float64Array;
  products: Float64Array;
  squares: number;
  weights: number;
  count: number;
}

/**
 * Heterogeneous autoregression of variance (Corsi 2009, Journal of Financial Econometrics 7, 174–196) on logarithms:
 * ln mean variance of the next `daysAhead` days on ln mean variance of the last 1, 7 and 30, least squares over the
 * windows whose outcome is known, ridge 1e-3, and for each forecast exp of the mean plus half the residual variance.
 * @param variances daily, oldest first
 * @param memory days after which a window's weight is one half; Infinity for equal weights
 * @returns for each day the variance expected of the sum of the next `daysAhead` returns; NaN before 60 windows
 */
export function harVariances(variances: Float64Array, daysAhead: number, memory: number): Float64Array {
  const { cumulative, logs } = harFeatures(variances, SPANS);
  const decay = 0.5 ** (1 / memory);
  const moments: Moments = {
    gram: new Float64Array(SIZE * SIZE),
    products: new Float64Array(SIZE),
    squares: 0,
    weights: 0,
    count: 0,
  };
  const row = new Float64Array(SIZE).fill(1);
  const setRow = (t: number) => {
    for (let k = 0; k < SPANS.length; k += 1) row[k + 1] = logs[k][t];
  };
  const first = Math.max(...SPANS) - 1;
  const forecasts = new Float64Array(variances.length).fill(Number.NaN);
  for (let t = first; t < variances.length; t += 1) {
    const known = t - daysAhead;
    if (known >= first) {
      setRow(known);
      addWindow(moments, row, logMean(cumulative, known + 1, daysAhead), decay);
    }
    if (moments.count < ENOUGH) continue;
    setRow(t);
    forecasts[t] = daysAhead * expected(moments, row);
  }
  return forecasts;
}

function addWindow(moments: Moments, row: Float64Array, target: number, decay: number): void {
  const { gram, products } = moments;
  for (let i = 0; i < SIZE; i += 1) {
    products[i] = decay * products[i] + row[i] * target;
    for (let j = 0; j < SIZE; j += 1) gram[i * SIZE + j] = decay * gram[i * SIZE + j] + row[i] * row[j];
  }
  moments.squares = decay * moments.squares + target ** 2;
  moments.weights = decay * moments.weights + 1;
  moments.count += 1;
}

function expected({ gram, products, squares, weights }: Moments, row: Float64Array): number {
  const factor = gram.slice();
  for (let i = 0; i < SIZE; i += 1) factor[i * SIZE + i] += RIDGE;
  factorize(factor, SIZE);
  const slopes = products.slice();
  solveFactorized(factor, SIZE, slopes);
  let [logVariance, residual] = [0, squares];
  for (let i = 0; i < SIZE; i += 1) {
    logVariance += slopes[i] * row[i];
    residual -= 2 * slopes[i] * products[i];
    for (let j = 0; j < SIZE; j += 1) residual += slopes[i] * slopes[j] * gram[i * SIZE + j];
  }
  return Math.exp(logVariance + Math.max(0, residual / weights) / 2);
}
