import type { Growth } from "./prophetOptions.ts";

/**
 * Where the search for the trend starts: through the first and the last row (linear, logistic), at the mean
 * (flat). As `linear_growth_init`, `logistic_growth_init`, `flat_growth_init` of Python Prophet.
 * @param t scaled time, ascending
 * @param y scaled values
 * @param cap scaled capacity, for logistic growth
 */
export function initialTrend(
  growth: Growth,
  t: Float64Array,
  y: Float64Array,
  cap: Float64Array | null,
): { k: number; m: number } {
  const last = t.length - 1;
  const span = t[last] - t[0];
  if (growth === "flat") return { k: 0, m: y.reduce((sum, v) => sum + v, 0) / y.length };
  if (cap === null) {
    const k = (y[last] - y[0]) / span;
    return { k, m: y[0] - k * t[0] };
  }
  // A value outside of (0, cap) has no logit.
  const ratio = (i: number) => cap[i] / Math.max(0.01 * cap[i], Math.min(0.99 * cap[i], y[i]));
  const r1 = ratio(last);
  const r0 = Math.abs(ratio(0) - r1) <= 0.01 ? 1.05 * ratio(0) : ratio(0);
  const logit0 = Math.log(r0 - 1);
  const logit1 = Math.log(r1 - 1);
  return { k: (logit0 - logit1) / span, m: (logit0 * span) / (logit0 - logit1) };
}
