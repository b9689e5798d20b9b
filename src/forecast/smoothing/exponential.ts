import type { Fitted } from "./criterion.ts";
import { type Bounds, minimize } from "./minimize.ts";

/** A fitted innovations model and its last state. */
export interface Smoothing extends Fitted {
  alpha: number;
  beta: number;
  phi: number;
  level: number;
  slope: number;
  /** Of the one-step errors. */
  variance: number;
}

const ALPHA = [1e-4, 0.9999] as const;
const SHARE = [1e-4, 1] as const;
const PHI = [0.8, 0.98] as const;

/** The smoothing parameters that each form is searched over (bounds as in R's forecast), and the search's grid. */
const FORMS: Record<"ANN" | "AAN" | "AAdN", { bounds: Bounds; grid: number[][] }> = {
  ANN: { bounds: [ALPHA], grid: [[0.1, 0.5, 0.9, 0.98]] },
  AAN: {
    bounds: [ALPHA, SHARE],
    grid: [
      [0.2, 0.9, 0.98],
      [1e-4, 0.1],
    ],
  },
  AAdN: {
    bounds: [ALPHA, SHARE, PHI],
    grid: [
      [0.2, 0.9, 0.98],
      [1e-4, 0.1],
      [0.85, 0.97],
    ],
  },
};

/**
 * Least squares fit of level, additive trend or damped trend, in error-correction form (Hyndman, Koehler, Ord &
 * Snyder 2008, chapter 5): e = y − (l + φ b); l ← l + φ b + α e; b ← φ b + β e, with β a share of α.
 * The first state enters the errors linearly, so only α, β and φ are searched, and the state is exact for each.
 * @param y at least 10 values, around 0
 */
export function fitSmoothing(form: keyof typeof FORMS, y: Float64Array): Smoothing {
  const { bounds, grid } = FORMS[form];
  const trended = form !== "ANN";
  const unpack = ([alpha, share = 0, phi = 1]: readonly number[]) => ({
    alpha,
    beta: alpha * share,
    phi,
    trended,
  });
  const point = minimize((at) => run(y, unpack(at)).squares, bounds, grid);
  const best = unpack(point);
  const { squares, level, slope } = run(y, best);
  const n = y.length;
  const count = point.length + (trended ? 2 : 1) + 1;
  const variance = squares / (n - count);
  return { ...best, level, slope, variance, n, meanSquare: squares / n, parameters: count };
}

// Three runs at once: the data from a state of 0, and a level or a slope of 1 without data. Their errors add up, so
// the best first state is a linear regression.
function run(
  y: Float64Array,
  { alpha, beta, phi, trended }: { alpha: number; beta: number; phi: number; trended: boolean },
): { squares: number; level: number; slope: number } {
  let [level, slope] = [0, 0];
  let [levelOfLevel, slopeOfLevel] = [1, 0];
  let [levelOfSlope, slopeOfSlope] = [0, trended ? 1 : 0];
  let [ee, uu, vv, uv, ue, ve] = [0, 0, 0, 0, 0, 0];
  for (let t = 0; t < y.length; t += 1) {
    const ahead = level + phi * slope;
    const e = y[t] - ahead;
    level = ahead + alpha * e;
    slope = phi * slope + beta * e;
    const u = levelOfLevel + phi * slopeOfLevel;
    levelOfLevel = u - alpha * u;
    slopeOfLevel = phi * slopeOfLevel - beta * u;
    const v = levelOfSlope + phi * slopeOfSlope;
    levelOfSlope = v - alpha * v;
    slopeOfSlope = phi * slopeOfSlope - beta * v;
    ee += e * e;
    uu += u * u;
    vv += v * v;
    uv += u * v;
    ue += u * e;
    ve += v * e;
  }
  const determinant = uu * vv - uv * uv;
  const singular = determinant <= 1e-12 * uu * vv;
  const first = singular ? ue / uu : (vv * ue - uv * ve) / determinant;
  const second = singular ? 0 : (uu * ve - uv * ue) / determinant;
  return {
    squares: Math.max(0, ee - first * ue - second * ve),
    level: level + first * levelOfLevel + second * levelOfSlope,
    slope: slope + first * slopeOfLevel + second * slopeOfSlope,
  };
}
