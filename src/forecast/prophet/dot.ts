/**
 * Σ a[from + j] · b[j] over `count` values. A small function of its own, because it is compiled after its
 * first few hundred calls, where the same loop inside a long one is interpreted for much longer: a first fit takes
 * two thirds of the time.
 */
export function dot(a: Float64Array, from: number, b: Float64Array, count = b.length): number {
  let sum = 0;
  for (let j = 0; j < count; j++) sum += a[from + j] * b[j];
  return sum;
}
