/** Lanczos' coefficients for g = 7, n = 9 (Godfrey 2001, "A note on the computation of the convergent Lanczos series"). */
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** ln Γ(x) for x ≥ 0.5, to about 1e-15 relative (Lanczos 1964, SIAM Journal on Numerical Analysis 1, 86–96). */
export function logGamma(x: number): number {
  const [first, ...rest] = LANCZOS;
  const sum = rest.reduce((total, c, i) => total + c / (x + i), first);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
