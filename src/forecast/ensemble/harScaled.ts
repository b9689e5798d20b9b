import { fitHar, harFeatures } from "../volatility/har.ts";
import type { Member } from "./member.ts";
import { longReturns, samplesNeeded, symmetricQuantilesOf } from "./sample.ts";

/** As `scaled`, the expected variance by a heterogeneous autoregression of range variance. */
export function harScaled(logClose: Float64Array, variances: Float64Array): Member {
  const features = harFeatures(variances);
  return {
    name: "har",
    minDays: (stepsAhead) => 365 + samplesNeeded(stepsAhead) + stepsAhead + 1,
    quantiles(stepsAhead) {
      const { first, variance } = fitHar(features, stepsAhead);
      const scale = (t: number) => Math.sqrt(stepsAhead * variance(t));
      const moves = longReturns(logClose, stepsAhead).subarray(first + 1);
      for (let i = 0; i < moves.length; i += 1) moves[i] /= scale(first + i);
      const today = scale(variances.length - 1);
      return symmetricQuantilesOf(moves).map((q) => q * today);
    },
  };
}
