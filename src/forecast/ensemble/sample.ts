import { QUANTILE_LEVELS } from "../forecaster.ts";
import { selectRanks } from "../prophet/select.ts";
import { quantileSorted } from "../quantile.ts";

/** Overlapping log returns over `stepsAhead` days, one for each day that has so many after it. */
export function longReturns(logClose: Float64Array, stepsAhead: number): Float64Array {
  const returns = logClose.slice(stepsAhead);
  for (let i = 0; i < returns.length; i += 1) returns[i] -= logClose[i];
  return returns;
}

/** Sample quantiles at `QUANTILE_LEVELS`; orders its argument so far. */
export function quantilesOf(sample: Float64Array): Float64Array {
  selectRanks(
    sample,
    QUANTILE_LEVELS.flatMap((level) => {
      const below = Math.floor((sample.length - 1) * level);
      return [below, below + 1];
    }),
  );
  return Float64Array.from(QUANTILE_LEVELS, (level) => quantileSorted(sample, level));
}

/** The same made symmetric about 0: today's scale is taken from the sample, its past direction isn't. */
export function symmetricQuantilesOf(sample: Float64Array): Float64Array {
  const plain = quantilesOf(sample);
  return plain.map((value, i) => (value - plain[plain.length - 1 - i]) / 2);
}

/** Overlapping windows tell little: a sample must hold 180 of them, and six that don't overlap. */
export function samplesNeeded(stepsAhead: number): number {
  return Math.max(180, 6 * stepsAhead);
}
