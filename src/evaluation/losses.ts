import { en, type Text } from "../core/text.ts";
import { bandIndices, QUANTILE_LEVELS, quantileIndex } from "../forecast/forecaster.ts";
import type { Outcome } from "./outcome.ts";

/** A score of forecast days; null where it has no meaning (no outcomes, a scale of zero). */
export type Loss = ((outcomes: readonly Outcome[]) => number | null) & LossFacts;

export interface LossFacts {
  /** What it measures. */
  text: Text;
  unit: Text;
  /** Which of two values is better: the lower, the higher, or the one nearer to this number. */
  better: "lower" | "higher" | number;
  /** Digits after the point that a person is shown. */
  digits: number;
}

const PRICE: Text = { en: "quote currency", vi: "tiền định giá" };
const PERCENT: Text = { en: "%", vi: "%" };
const RATIO: Text = { en: "ratio", vi: "tỷ số" };
const OF_CUTOFF: Text = { en: "% of the price at the cutoff", vi: "% giá tại mốc dự báo" };

/** A loss from its facts and its function. */
function loss(
  facts: Pick<LossFacts, "text" | "unit"> & Partial<LossFacts>,
  score: (outcomes: readonly Outcome[]) => number | null,
): Loss {
  return Object.assign(score, { better: "lower" as const, digits: 2, ...facts });
}

export const mae = loss(
  { text: { en: "mean absolute error", vi: "sai số tuyệt đối trung bình" }, unit: PRICE },
  (outcomes) => average(outcomes, absoluteError),
);

/** Over many years it is the error of the dearest ones. */
export const rmse = loss(
  { text: { en: "root mean squared error", vi: "căn sai số bình phương trung bình" }, unit: PRICE },
  (outcomes) => {
    const square = average(outcomes, ({ actual, yhat }) => (actual - yhat) ** 2);
    return square === null ? null : Math.sqrt(square);
  },
);

/** Of the prices themselves. It punishes a forecast too high more than one too low. */
export const mape = loss(
  {
    text: en`mean absolute percentage error of the price`.vi`sai số phần trăm tuyệt đối trung bình của giá`,
    unit: PERCENT,
  },
  (outcomes) => average(outcomes, (o) => (100 * absoluteError(o)) / o.actual),
);

/** Null where the price had never moved. */
export const mase = loss(
  {
    text: en`error over the mean absolute one-day change before the cutoff (Hyndman & Koehler 2006)`
      .vi`sai số chia cho thay đổi tuyệt đối trung bình một ngày trước mốc dự báo (Hyndman & Koehler 2006)`,
    unit: RATIO,
  },
  (outcomes) =>
    outcomes.some(({ naiveError }) => naiveError === 0)
      ? null
      : average(outcomes, (o) => absoluteError(o) / o.naiveError),
);

/** @param level of the quantile: 0.1 … */
export function pinballLoss(level: number): Loss {
  const index = quantileIndex(level);
  const text = en`mean pinball loss of the quantile ${level}`
    .vi`tổn thất pinball trung bình của phân vị ${level}`;
  return loss({ text, unit: OF_CUTOFF }, (outcomes) => average(outcomes, (o) => pinball(o, index)));
}

/** Continuous ranked probability score by its quantile approximation. The tails beyond 5 and 95 % are left out. */
export const crps = loss(
  {
    text: en`mean over the 19 quantiles 5 … 95 % of twice the pinball loss`
      .vi`trung bình qua 19 phân vị 5 … 95 % của hai lần tổn thất pinball`,
    unit: OF_CUTOFF,
  },
  (outcomes) => average(outcomes, crpsOfDay),
);

/** @param level of the central band: 80, 95 … percent */
export function coverage(level: number): Loss {
  const [low, high] = bandIndices(level);
  const text = en`share of the days inside the central ${level} % band`
    .vi`tỷ lệ số ngày nằm trong dải giữa ${level} %`;
  return loss({ text, unit: PERCENT, better: level, digits: 1 }, (outcomes) =>
    average(outcomes, ({ actual, quantiles }) =>
      actual >= quantiles[low] && actual <= quantiles[high] ? 100 : 0,
    ),
  );
}

/** @param level of the central band: 80, 95 … percent */
export function width(level: number): Loss {
  const [low, high] = bandIndices(level);
  const text = en`mean width of the ${level} % band`.vi`độ rộng trung bình của dải ${level} %`;
  return loss({ text, unit: OF_CUTOFF, digits: 1 }, (outcomes) =>
    average(outcomes, ({ quantiles, lastClose }) => (100 * (quantiles[high] - quantiles[low])) / lastClose),
  );
}

/**
 * Neither width nor coverage can be had at the other's cost.
 * @param level of the central band: 80, 95 … percent
 */
export function intervalScore(level: number): Loss {
  const [low, high] = bandIndices(level);
  const penalty = 2 / (1 - level / 100);
  const text = en`width of the ${level} % band plus 2/α times what lies outside it (Gneiting & Raftery 2007, section 6.2)`
    .vi`độ rộng dải ${level} % cộng 2/α lần phần nằm ngoài (Gneiting & Raftery 2007, mục 6.2)`;
  return loss({ text, unit: OF_CUTOFF }, (outcomes) =>
    average(outcomes, ({ actual, quantiles, lastClose }) => {
      const outside = Math.max(quantiles[low] - actual, actual - quantiles[high], 0);
      return (100 * (quantiles[high] - quantiles[low] + penalty * outside)) / lastClose;
    }),
  );
}

/** The published losses by their names, in the order of `details.csv`. A new one is a line here. */
export const LOSSES = {
  mae,
  rmse,
  mape,
  mase,
  crps,
  pinball10: pinballLoss(0.1),
  pinball50: pinballLoss(0.5),
  pinball90: pinballLoss(0.9),
  coverage80: coverage(80),
  coverage95: coverage(95),
  width80: width(80),
  width95: width(95),
  intervalScore80: intervalScore(80),
  intervalScore95: intervalScore(95),
} satisfies Record<string, Loss>;

export type LossName = keyof typeof LOSSES;

/** Those that the command line's scoreboard shows, each with its head. */
export const SCOREBOARD: Partial<Record<LossName, string>> = {
  mape: "MAPE %",
  mase: "MASE",
  crps: "CRPS %",
  coverage80: "in 80 %",
  coverage95: "in 95 %",
  width80: "width 80 %",
};

function crpsOfDay(outcome: Outcome): number {
  let sum = 0;
  for (let i = 1; i <= 19; i += 1) sum += 2 * pinball(outcome, i);
  return sum / 19;
}

function pinball({ actual, quantiles, lastClose }: Outcome, index: number): number {
  return (100 * pinballOf(QUANTILE_LEVELS[index], quantiles[index], actual)) / lastClose;
}

/** The pinball loss of one quantile, quote currency. */
export function pinballOf(level: number, quantile: number, actual: number): number {
  const error = actual - quantile;
  return Math.max(level * error, (level - 1) * error);
}

function absoluteError({ actual, yhat }: Outcome): number {
  return Math.abs(actual - yhat);
}

function average(outcomes: readonly Outcome[], value: (outcome: Outcome) => number): number | null {
  if (outcomes.length === 0) return null;
  let sum = 0;
  for (const outcome of outcomes) sum += value(outcome);
  return sum / outcomes.length;
}
