/** What may be marked of each decade, from coarse to fine. */
const STEPS = [
  [1],
  [1, 3],
  [1, 2, 5],
  [1, 1.5, 2, 3, 5, 7],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9],
];
const ENOUGH = 4;

/**
 * Round values to mark a logarithmic axis at, each with its label: the coarsest that give it four marks, so that also
 * an axis within one decade can be read.
 * @param values what is drawn; those that are not above 0 can't be
 */
export function logTicks(values: readonly number[]): number[] {
  const drawn = values.filter((value) => value > 0);
  if (drawn.length === 0) return [];
  const [low, high] = drawn.reduce(
    ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
    [drawn[0], drawn[0]],
  );
  const decades = Array.from(
    { length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 },
    (_, i) => Math.floor(Math.log10(low)) + i,
  );
  const marks = STEPS.map((steps) =>
    decades
      .flatMap((decade) => steps.map((step) => Number(`${step}e${decade}`)))
      .filter((value) => value >= low && value <= high),
  );
  return marks.find((ticks) => ticks.length >= ENOUGH) ?? marks[marks.length - 1];
}
