import { ewma } from "../volatility/ewma.ts";
import type { Member } from "./member.ts";
import { longReturns, samplesNeeded, symmetricQuantilesOf } from "./sample.ts";

const WARM_UP = 60;
/** How much of today's excess of volatility is left after a day. */
const PERSISTENCE = 0.985;
const SMALLEST = 1e-12;

interface ScaledOptions {
  name: string;
  logClose: Float64Array;
  returns: Float64Array;
  /** Daily, one for each return: squared returns, or range variances. */
  variances: Float64Array;
  /** Weight of the past in the EWMA. */
  decay: number;
}

/**
 * Filtered historical simulation (Barone-Adesi, Giannopoulos & Vosper 1999): past h-day returns, each divided by
 * the volatility expected when it began, times today's. Expected variance: w · EWMA + (1 − w) · mean of all squared
 * returns so far, w = 0.985^h.
 */
export function scaled({ name, logClose, returns, variances, decay }: ScaledOptions): Member {
  const recent = ewma(variances, decay);
  let sum = 0;
  const longRun = returns.map((value, i) => {
    sum += value ** 2;
    return sum / (i + 1);
  });
  return {
    name,
    minDays: (stepsAhead) => WARM_UP + samplesNeeded(stepsAhead) + stepsAhead + 1,
    quantiles(stepsAhead) {
      const weight = PERSISTENCE ** stepsAhead;
      const scale = (t: number) =>
        Math.sqrt(Math.max(SMALLEST, weight * recent[t] + (1 - weight) * longRun[t]));
      // Return t ends on day t + 1, where the long return t + 1 begins.
      const moves = longReturns(logClose, stepsAhead).subarray(WARM_UP + 1);
      for (let i = 0; i < moves.length; i += 1) moves[i] /= scale(WARM_UP + i);
      const today = scale(returns.length - 1);
      return symmetricQuantilesOf(moves).map((q) => q * today);
    },
  };
}
