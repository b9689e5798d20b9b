import { en } from "../../core/text.ts";
import { MIN_DAYS } from "../check.ts";
import { defineForecaster, eachDay } from "../define.ts";
import { type Forecaster, type LeftOut, QUANTILE_LEVELS, type Series } from "../forecaster.ts";
import { logReturns } from "../returns.ts";
import { rangeVariance } from "../volatility/rangeVariance.ts";
import { empirical, empiricalYear } from "./empirical.ts";
import { gaussian } from "./gaussian.ts";
import { harScaled } from "./harScaled.ts";
import type { Member } from "./member.ts";
import { scaled } from "./scaled.ts";

/** Days after which the short set's weight has fallen to 1/e. */
const SHORT_MEMORY = 5;

/**
 * The default model. Point: the last close, which no model beats at 30 days. Band: quantiles of the h-day log
 * return, averaged member by member (Vincentization: Ratcliff 1979, "Group reaction time distributions and an
 * analysis of distribution statistics", Psychological Bulletin 86, 446–461), then exp.
 * A short set that follows today's volatility weighs exp(−(h − 1) / 5), a long set that knows the years the rest.
 */
export function randomWalkEnsemble(): Forecaster {
  return defineForecaster({
    name: "random_walk_ensemble",
    title: { en: "Random-walk ensemble", vi: "Tổ hợp bước ngẫu nhiên" },
    method: en`the last close; quantiles of several volatility models, averaged`
      .vi`giá đóng cửa cuối; trung bình phân vị của nhiều mô hình biến động`,
    needs: { days: MIN_DAYS, columns: ["high", "low", "close"] },
    spec: { name: "random_walk_ensemble" },
    fit(series) {
      const days = series.close.length;
      const last = series.close[days - 1];
      const { long, short } = makeMembers(series);
      const able = (members: readonly Member[], stepsAhead: number) =>
        members.filter(({ minDays }) => minDays(stepsAhead) <= days);
      return {
        predict: eachDay((stepsAhead) => {
          const calm = average(able(long, stepsAhead), stepsAhead);
          const recent = able(short, stepsAhead);
          const excited = recent.length > 0 ? average(recent, stepsAhead) : calm;
          const weight = Math.exp(-(stepsAhead - 1) / SHORT_MEMORY);
          const quantiles = calm.map(
            (value, i) => last * Math.exp(weight * excited[i] + (1 - weight) * value),
          );
          return { yhat: last, quantiles };
        }),
        leftOut: (horizon) => leftOutOf([...long, ...short.slice(1)], days, horizon),
      };
    },
  });
}

// The first of the short set is the last of the long one: it is worked out once for both.
function makeMembers(series: Series): { long: Member[]; short: Member[] } {
  const logClose = series.close.map(Math.log);
  const returns = logReturns(series.close);
  const ranges = rangeVariance(series);
  const squares = returns.map((value) => value ** 2);
  const past = { logClose, returns };
  const both = remember(scaled({ ...past, name: "scaled_return", variances: squares, decay: 0.97 }));
  const byRange = scaled({ ...past, name: "scaled_range", variances: ranges, decay: 0.94 });
  return {
    long: [gaussian(returns), empirical(logClose), empiricalYear(logClose), both],
    short: [both, byRange, harScaled(logClose, ranges)],
  };
}

function remember(member: Member): Member {
  let known: { stepsAhead: number; quantiles: Float64Array } | undefined;
  return {
    ...member,
    quantiles(stepsAhead) {
      if (known?.stepsAhead !== stepsAhead) known = { stepsAhead, quantiles: member.quantiles(stepsAhead) };
      return known.quantiles;
    },
  };
}

function average(members: readonly Member[], stepsAhead: number): Float64Array {
  const sum = new Float64Array(QUANTILE_LEVELS.length);
  for (const { quantiles } of members) {
    const own = quantiles(stepsAhead);
    for (let i = 0; i < sum.length; i += 1) sum[i] += own[i];
  }
  return sum.map((value) => value / members.length);
}

function leftOutOf(members: readonly Member[], days: number, horizon: number): LeftOut[] {
  return members.flatMap(({ name, minDays }) => {
    for (let stepsAhead = 1; stepsAhead <= horizon; stepsAhead += 1) {
      if (minDays(stepsAhead) <= days) continue;
      const reason = `needs ${minDays(stepsAhead)} days of history to look ${stepsAhead} ahead; there are ${days}`;
      return [{ model: name, reason }];
    }
    return [];
  });
}
