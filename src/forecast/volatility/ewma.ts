import { mean } from "../returns.ts";

const WARM_UP = 30;

/**
 * Exponentially weighted variance: v_t = decay · v_(t−1) + (1 − decay) · x_t, begun at the mean of the first 30
 * (J.P. Morgan, "RiskMetrics Technical Document", 4th ed. 1996, section 5.2).
 * @param variances daily, oldest first
 * @returns for each day the value that takes in that day
 */
export function ewma(variances: Float64Array, decay: number): Float64Array {
  let value = mean(variances.subarray(0, WARM_UP));
  return variances.map((variance) => {
    value = decay * value + (1 - decay) * variance;
    return value;
  });
}
