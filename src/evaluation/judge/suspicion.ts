import { en, type Text } from "../../core/text.ts";
import { addDays, startOfDay } from "../../time/day.ts";
import { dieboldMariano } from "../dieboldMariano.ts";
import { type DayScore, type ForecastDay, overlapOf, type WindowScore } from "./windows.ts";

/** Fewer windows than this say nothing about knowledge of the future. */
const ENOUGH = 8;
/** Chance that honest forecasts are suspected, over all comparisons of a model. */
const CHANCE = 1e-3;
/** Honest forecasts don't come so far below what they are compared with. */
const RATIO = 0.8;

/** What a forecast without knowledge of the future can't do. */
type Comparison = (day: DayScore) => [own: number, limit: number] | null;

const COMPARISONS: readonly { of: Comparison; words(percent: string): Text }[] = [
  {
    of: ({ crps }) => [crps.own, crps.oracle],
    words: (percent) =>
      en`its CRPS is ${percent} % of that of an oracle that knows the window's volatility`
        .vi`CRPS của nó là ${percent} % so với nhà tiên tri biết trước độ biến động của cửa sổ`,
  },
  {
    of: ({ error }) => (error.own === null ? null : [error.own, error.naive]),
    words: (percent) =>
      en`its absolute error is ${percent} % of the last close's, which no forecast beats by so much`
        .vi`sai số tuyệt đối của nó là ${percent} % so với giá đóng cuối, không dự báo nào thắng nhiều đến thế`,
  },
];

/**
 * Why a model may have seen the days that it forecasts; empty where nothing says so. Scores are compared over all days
 * and at each number of days ahead, with a one-sided Diebold–Mariano test and a sign test of the windows that don't
 * overlap, Bonferroni-corrected over the comparisons.
 * @param days all of the model's days, those that are no forecasts included
 */
export function suspicionsOf(days: readonly ForecastDay[], windows: readonly WindowScore[]): Text[] {
  return [...datedAfterData(days), ...betterThanPossible(windows)];
}

function datedAfterData(days: readonly ForecastDay[]): Text[] {
  const seen = days.filter(({ ds, cutoff }) => ds <= cutoff);
  const late = days.filter(({ ds, made }) => made !== null && made >= startOfDay(addDays(ds, 1)));
  const found: Text[] = [];
  if (seen.length > 0)
    found.push(
      en`${seen.length} of its days are not after their cutoff, such as ${seen[0].ds} from ${seen[0].cutoff}`
        .vi`${seen.length} ngày của nó không nằm sau mốc dự báo, như ${seen[0].ds} từ ${seen[0].cutoff}`,
    );
  if (late.length > 0)
    found.push(
      en`${late.length} of its days were made when they had ended, such as ${late[0].ds}`
        .vi`${late.length} ngày của nó được làm khi đã kết thúc, như ${late[0].ds}`,
    );
  return found;
}

function betterThanPossible(windows: readonly WindowScore[]): Text[] {
  const steps = [...new Set(windows.flatMap(({ days }) => days.map(({ stepsAhead }) => stepsAhead)))];
  const groups = [null, ...(steps.length > 1 ? steps.sort((a, b) => a - b) : [])];
  // Each by two tests.
  const tests = 2 * groups.length * COMPARISONS.length;
  return COMPARISONS.flatMap(({ of, words }) => {
    const found = groups.flatMap((step) => {
      const compared = compare(windows, step, of);
      return compared !== null && compared.p * tests < CHANCE && compared.ratio < RATIO
        ? [{ step, ...compared }]
        : [];
    });
    const [worst] = found.sort((a, b) => a.p - b.p);
    if (worst === undefined) return [];
    const { step, ratio, p } = worst;
    const chance = p.toExponential(0);
    const reason = words((100 * ratio).toFixed(0));
    return [
      step === null
        ? en`${reason} (p ${chance})`.vi`${reason} (p ${chance})`
        : en`${reason}, ${step} days ahead (p ${chance})`
            .vi`${reason}, ${step} ngày phía trước (p ${chance})`,
    ];
  });
}

function compare(
  windows: readonly WindowScore[],
  step: number | null,
  of: Comparison,
): { p: number; ratio: number } | null {
  const chosen = windows.flatMap((window) => {
    const days = step === null ? window.days : window.days.filter(({ stepsAhead }) => stepsAhead === step);
    const pairs = days.map(of).filter((pair) => pair !== null);
    if (pairs.length === 0) return [];
    const [own, limit] = [0, 1].map((k) => pairs.reduce((sum, pair) => sum + pair[k], 0) / pairs.length);
    const end = step === null ? window.end : addDays(window.cutoff, step);
    return [{ cutoff: window.cutoff, end, own, limit }];
  });
  const overlap = overlapOf(chosen);
  if (chosen.length < ENOUGH * overlap) return null;
  const own = chosen.map((one) => one.own);
  const limit = chosen.map((one) => one.limit);
  const test = dieboldMariano(own, limit, overlap - 1);
  const apart = chosen.filter((_, i) => i % overlap === 0);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  if (test === null) return null;
  return { p: Math.min(test.pBetter, signTest(apart)), ratio: sum(own) / sum(limit) };
}

/** Chance of so many windows below the limit where either side is as likely: it has power in few windows of unequal size. */
function signTest(windows: readonly { own: number; limit: number }[]): number {
  const unequal = windows.filter(({ own, limit }) => own !== limit);
  const count = unequal.length;
  const wins = unequal.filter(({ own, limit }) => own < limit).length;
  // ln C(count, wins) / 2^count, then the terms beyond by their ratio.
  let log = -count * Math.LN2;
  for (let i = 1; i <= count - wins; i += 1) log += Math.log((wins + i) / i);
  let term = Math.exp(log);
  let sum = term;
  for (let k = wins; k < count; k += 1) {
    term *= (count - k) / (k + 1);
    sum += term;
  }
  return Math.min(1, sum);
}
