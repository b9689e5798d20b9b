import { logGamma } from "../forecast/logGamma.ts";

/**
 * The part of Student's log density that does not depend on the value, for a variable scaled to variance 1:
 * ln Γ((ν + 1) / 2) − ln Γ(ν / 2) − ½ ln(π (ν − 2)).
 * @param freedom ν, above 2
 */
export function studentConstant(freedom: number): number {
  const gammas = logGamma((freedom + 1) / 2) - logGamma(freedom / 2);
  return gammas - 0.5 * Math.log(Math.PI * (freedom - 2));
}
