/** A box that the point may not leave: one pair for each coordinate. */
export type Bounds = readonly (readonly [low: number, high: number])[];

const ROUNDS = 400;

interface Corner {
  point: number[];
  value: number;
}

/**
 * Minimum of a function in a box: Nelder & Mead (1965), "A Simplex Method for Function Minimization", The Computer
 * Journal 7, 308–313, from the best point of a coarse grid; points outside are moved to the box's edge.
 * No chance in it: the same function gives the same bits.
 * @param grid points for each coordinate to start from
 */
export function minimize(
  loss: (point: readonly number[]) => number,
  bounds: Bounds,
  grid: readonly (readonly number[])[],
): number[] {
  const evaluate = (point: readonly number[]) => {
    const inside = point.map((value, i) => Math.min(bounds[i][1], Math.max(bounds[i][0], value)));
    return { point: inside, value: loss(inside) };
  };
  const best = cartesian(grid)
    .map(evaluate)
    .reduce((a, b) => (b.value < a.value ? b : a));
  const corners = bounds.map(([low, high], i) => {
    const step = 0.05 * (high - low);
    const away = best.point[i] + step > high ? -step : step;
    return evaluate(best.point.map((value, j) => (i === j ? value + away : value)));
  });
  let simplex = [best, ...corners];
  for (let round = 0; round < ROUNDS; round += 1) {
    simplex.sort((a, b) => a.value - b.value);
    if (isSmall(simplex, bounds)) break;
    simplex = replaceWorst(simplex, evaluate);
  }
  return simplex.reduce((a, b) => (b.value < a.value ? b : a)).point;
}

/** Reflects, expands or contracts the last corner of a sorted simplex, or shrinks all towards the first. */
function replaceWorst(simplex: readonly Corner[], evaluate: (point: readonly number[]) => Corner): Corner[] {
  const [first] = simplex;
  const worst = simplex[simplex.length - 1];
  const rest = simplex.slice(0, -1);
  const centre = first.point.map((_, i) => rest.reduce((sum, { point }) => sum + point[i], 0) / rest.length);
  const towards = (factor: number) => evaluate(centre.map((c, i) => c + factor * (worst.point[i] - c)));
  const reflected = towards(-1);
  if (reflected.value < first.value) {
    const expanded = towards(-2);
    return [...rest, expanded.value < reflected.value ? expanded : reflected];
  }
  if (reflected.value < simplex[simplex.length - 2].value) return [...rest, reflected];
  const contracted = towards(reflected.value < worst.value ? -0.5 : 0.5);
  if (contracted.value < Math.min(worst.value, reflected.value)) return [...rest, contracted];
  return simplex.map(({ point }) => evaluate(point.map((value, i) => (value + first.point[i]) / 2)));
}

function isSmall(simplex: readonly Corner[], bounds: Bounds): boolean {
  return bounds.every(([low, high], i) => {
    const values = simplex.map(({ point }) => point[i]);
    return Math.max(...values) - Math.min(...values) < 1e-7 * (high - low);
  });
}

function cartesian(grid: readonly (readonly number[])[]): number[][] {
  return grid.reduce<number[][]>(
    (points, values) => points.flatMap((p) => values.map((v) => [...p, v])),
    [[]],
  );
}
