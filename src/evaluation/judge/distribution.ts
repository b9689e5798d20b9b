import { NORMAL_QUANTILES } from "../../forecast/define.ts";
import { QUANTILE_LEVELS } from "../../forecast/forecaster.ts";
import { normalQuantile } from "../../forecast/normal.ts";
import { quantileSorted } from "../../forecast/quantile.ts";
import { pinballOf } from "../losses.ts";

/** A forecast of one day's price, as anyone may make it; quote currency. */
export type Distribution =
  | { kind: "point" }
  /** Ascending levels between 0 and 1 with their quantiles. */
  | { kind: "quantiles"; levels: Float64Array; values: Float64Array }
  /** Draws, ascending. */
  | { kind: "samples"; values: Float64Array };

/** Ends of the central bands that are scored, where the forecast has them. */
export const SCORED_BANDS = [50, 80, 90, 95] as const;

/** Fewer draws than this have no quantile of 2.5 %. */
const ENOUGH_DRAWS = 40;

/**
 * Continued ranked probability score, quote currency. Of quantiles: the mean of twice the pinball loss over the levels
 * from 5 to 95 %, over all of them where there are none between. Of draws: mean |x − y| less half the mean |x − x'|. Of
 * a point: the absolute error.
 */
export function crpsOf(distribution: Distribution, point: number | null, actual: number): number {
  if (distribution.kind === "point") return Math.abs((point as number) - actual);
  const { values } = distribution;
  if (distribution.kind === "samples") {
    let distance = 0;
    let spread = 0;
    values.forEach((value, i) => {
      distance += Math.abs(value - actual);
      spread += (2 * i + 1 - values.length) * value;
    });
    return distance / values.length - spread / values.length ** 2;
  }
  const inner = innerLevels(distribution.levels);
  let sum = 0;
  for (const i of inner) sum += 2 * pinballOf(distribution.levels[i], values[i], actual);
  return sum / inner.length;
}

/** The positions of the levels that the CRPS counts. */
function innerLevels(levels: Float64Array): number[] {
  const all = [...levels.keys()];
  const inner = all.filter((i) => levels[i] > 0.05 - 1e-9 && levels[i] < 0.95 + 1e-9);
  return inner.length > 0 ? inner : all;
}

/** The forecast's quantile of this level; null where it does not say. */
export function quantileOf(distribution: Distribution, level: number): number | null {
  if (distribution.kind === "point") return null;
  const { values } = distribution;
  if (distribution.kind === "samples")
    return values.length < ENOUGH_DRAWS ? null : quantileSorted(values, level);
  const at = distribution.levels.findIndex((one) => Math.abs(one - level) < 1e-9);
  return at < 0 ? null : values[at];
}

/** A log-normal of the same kind, with the same levels or as many draws: scores of the two can be compared. */
export function logNormalLike(distribution: Distribution, median: number, sigma: number): Distribution {
  if (distribution.kind === "point") return distribution;
  const price = (z: number) => median * Math.exp(z * sigma);
  if (distribution.kind === "samples") {
    const { length } = distribution.values;
    const draw = (_: unknown, i: number) => price(normalQuantile((i + 0.5) / length));
    return { kind: "samples", values: Float64Array.from({ length }, draw) };
  }
  const { levels } = distribution;
  return { kind: "quantiles", levels, values: levels.map((level) => price(zOf(level))) };
}

/** The point of a forecast without one: its median. */
export function medianOf(distribution: Distribution): number | null {
  return distribution.kind === "samples"
    ? quantileSorted(distribution.values, 0.5)
    : quantileOf(distribution, 0.5);
}

const KNOWN = new Map(QUANTILE_LEVELS.map((level, i) => [level, NORMAL_QUANTILES[i]]));
const zOf = (level: number) => KNOWN.get(level) ?? normalQuantile(level);
