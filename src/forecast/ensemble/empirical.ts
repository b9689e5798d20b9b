import type { Member } from "./member.ts";
import { longReturns, quantilesOf, samplesNeeded } from "./sample.ts";

/** What really happened: quantiles of all overlapping h-day log returns, drift included. */
export function empirical(logClose: Float64Array): Member {
  return {
    name: "empirical",
    minDays: (stepsAhead) => samplesNeeded(stepsAhead) + stepsAhead,
    quantiles: (stepsAhead) => quantilesOf(longReturns(logClose, stepsAhead)),
  };
}

/** The same, the last 365 of them. */
export function empiricalYear(logClose: Float64Array): Member {
  return {
    name: "empirical_year",
    minDays: (stepsAhead) => Math.max(365, samplesNeeded(stepsAhead)) + stepsAhead,
    quantiles: (stepsAhead) => quantilesOf(longReturns(logClose, stepsAhead).slice(-365)),
  };
}
