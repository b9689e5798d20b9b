import { seededRandom } from "../../core/random.ts";
import { quantileSorted } from "../../forecast/quantile.ts";

const DRAWS = 2000;

/**
 * The central 95 % interval of the skill 1 − Σ own / Σ benchmark by a circular block bootstrap of the windows (Politis
 * & Romano 1992). A block is as long as windows overlap, and at least the cube root of their number. The same windows
 * give the same bits.
 * @param own, benchmark sums of losses by window, oldest first
 * @param overlap how many windows begin before one has ended, itself included
 * @returns null with fewer than 8 windows, or where the benchmark never errs
 */
export function skillInterval(
  own: readonly number[],
  benchmark: readonly number[],
  overlap: number,
): [number, number] | null {
  const count = own.length;
  if (count < 8) return null;
  const length = Math.min(count, Math.max(overlap, Math.round(Math.cbrt(count))));
  const random = seededRandom(count);
  const skills = new Float64Array(DRAWS);
  for (let draw = 0; draw < DRAWS; draw += 1) {
    let [sum, base] = [0, 0];
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      at = i % length === 0 ? Math.floor(random() * count) : (at + 1) % count;
      sum += own[at];
      base += benchmark[at];
    }
    if (!(base > 0)) return null;
    skills[draw] = 1 - sum / base;
  }
  skills.sort();
  return [quantileSorted(skills, 0.025), quantileSorted(skills, 0.975)];
}
