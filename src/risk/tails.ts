import { quantileSorted } from "../forecast/quantile.ts";

/** Levels of value at risk and expected shortfall, percent, and how many past windows each needs. */
export const TAIL_LEVELS = [
  { level: 95, needs: 100 },
  { level: 99, needs: 500 },
] as const;
export type TailLevel = (typeof TAIL_LEVELS)[number]["level"];
export const SIDES = ["low", "high"] as const;
export type Side = (typeof SIDES)[number];

/** A bound that the log return exceeds with 5 or 1 %, and the mean return where it does. */
export interface Tail {
  valueAtRisk: number;
  expectedShortfall: number;
}

/** Past log returns over a window, each divided by the square root of its forecast variance; ascending. */
export class Residuals {
  #values = new Float64Array(64);
  #count = 0;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const wider = new Float64Array(2 * this.#count);
      wider.set(this.#values);
      this.#values = wider;
    }
    const at = this.#placeOf(value);
    this.#values.copyWithin(at + 1, at, this.#count);
    this.#values[at] = value;
    this.#count += 1;
  }

  /**
   * Filtered historical simulation (Barone-Adesi, Giannopoulos & Vosper 1999, "VaR without correlations for portfolios
   * of derivative securities", Journal of Futures Markets 19, 583–602): the empirical quantile of the residuals, and
   * the mean of those beyond it, times the square root of the forecast variance.
   * @returns null with too few past windows
   */
  tail({ level, needs }: (typeof TAIL_LEVELS)[number], side: Side, variance: number): Tail | null {
    if (this.#count < needs) return null;
    const sorted = this.#values.subarray(0, this.#count);
    const share = (100 - level) / 100;
    const bound = quantileSorted(sorted, side === "low" ? share : 1 - share);
    const beyond = Math.floor(share * (this.#count - 1)) + 1;
    const first = side === "low" ? 0 : this.#count - beyond;
    let sum = 0;
    for (let i = first; i < first + beyond; i += 1) sum += sorted[i];
    const scale = Math.sqrt(variance);
    return { valueAtRisk: scale * bound, expectedShortfall: (scale * sum) / beyond };
  }

  #placeOf(value: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#values[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
