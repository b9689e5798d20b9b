import { chiSquareTail } from "./chiSquare.ts";

/** How often a value at risk was exceeded, and whether that is what it promised. */
export interface Coverage {
  /** Windows whose outcome is known; they do not overlap. */
  windows: number;
  exceeded: number;
  /** Probabilities of so bad a result, or worse, by chance; null with no window. */
  kupiecP: number | null;
  independenceP: number | null;
  christoffersenP: number | null;
}

/**
 * Likelihood-ratio tests of a sequence of exceedances.
 * `kupiecP`: as many as promised (Kupiec 1995, "Techniques for Verifying the Accuracy of Risk Measurement Models",
 * Journal of Derivatives 3, 73–84). `independenceP`: one does not follow another more or less often than chance, and
 * `christoffersenP`: both at once, the sum of the two with 2 degrees of freedom (Christoffersen 1998, "Evaluating
 * Interval Forecasts", International Economic Review 39, 841–862).
 * @param exceeded oldest first
 * @param probability that one is exceeded: 0.05 for a value at risk of 95 %
 */
export function testCoverage(exceeded: readonly boolean[], probability: number): Coverage {
  const windows = exceeded.length;
  const count = exceeded.filter(Boolean).length;
  if (windows === 0)
    return { windows, exceeded: 0, kupiecP: null, independenceP: null, christoffersenP: null };
  const kupiec = 2 * (likelihood(count, windows, count / windows) - likelihood(count, windows, probability));
  const independence = independenceRatio(exceeded);
  return {
    windows,
    exceeded: count,
    kupiecP: chiSquareTail(Math.max(0, kupiec), 1),
    independenceP: chiSquareTail(independence, 1),
    christoffersenP: chiSquareTail(Math.max(0, kupiec) + independence, 2),
  };
}

function independenceRatio(exceeded: readonly boolean[]): number {
  const next = exceeded.slice(1);
  const after = (before: boolean) => next.filter((_, i) => exceeded[i] === before);
  const counts = [after(false), after(true), next].map((own) => [own.filter(Boolean).length, own.length]);
  const [calm, hit, all] = counts.map(([count, of]) => likelihood(count, of, count / of));
  return Math.max(0, 2 * (calm + hit - all));
}

/** Log likelihood of `count` exceedances in `of` windows, 0 ln 0 = 0. */
function likelihood(count: number, of: number, probability: number): number {
  const part = (times: number, p: number) => (times === 0 ? 0 : times * Math.log(p));
  return part(count, probability) + part(of - count, 1 - probability);
}
