/**
 * 1 − score / the naive's score: 0.05 is 5 % better, −3 is four times as bad.
 * @returns null where either is unknown or the naive never errs
 */
export function skill(score: number | null, naive: number | null): number | null {
  return score === null || naive === null || naive === 0 ? null : 1 - score / naive;
}
