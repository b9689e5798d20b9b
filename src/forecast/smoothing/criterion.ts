export const CRITERIA = ["aicc", "bic"] as const;

/** What a richer form has to earn: Akaike's criterion, corrected for small samples, or Schwarz's. */
export type Criterion = (typeof CRITERIA)[number];

/** A least squares fit as a criterion sees it. */
export interface Fitted {
  /** Errors that were counted. */
  n: number;
  meanSquare: number;
  /** Estimated from the data, the variance among them. */
  parameters: number;
}

const SMALLEST = 1e-20;

/**
 * n ln(mean square) and a penalty: for `aicc` 2 k + 2 k (k + 1) / (n − k − 1) (Hurvich & Tsai 1989, Biometrika 76,
 * 297–307), for `bic` k ln n (Schwarz 1978, Annals of Statistics 6, 461–464). The smallest is the best.
 */
export function criterionOf(criterion: Criterion, { n, meanSquare, parameters: k }: Fitted): number {
  const misfit = n * Math.log(Math.max(SMALLEST, meanSquare));
  if (criterion === "bic") return misfit + k * Math.log(n);
  return misfit + 2 * k + (2 * k * (k + 1)) / (n - k - 1);
}
