import { MIN_DAYS } from "../check.ts";
import { NORMAL_QUANTILES } from "../define.ts";
import { standardDeviation } from "../returns.ts";
import type { Member } from "./member.ts";

/** The normal distribution, sigma of the last 365 daily log returns (of all, where there are fewer) × √h. */
export function gaussian(returns: Float64Array): Member {
  const sigma = standardDeviation(returns.slice(-365));
  return {
    name: "gaussian",
    minDays: () => MIN_DAYS,
    quantiles: (stepsAhead) => Float64Array.from(NORMAL_QUANTILES, (z) => z * sigma * Math.sqrt(stepsAhead)),
  };
}
