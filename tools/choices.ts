import { backtest } from "../src/evaluation/backtest.ts";
import { crps, mape } from "../src/evaluation/losses.ts";
import { outcomesOf, type Window } from "../src/evaluation/outcome.ts";
import type { Forecaster, Series } from "../src/forecast/forecaster.ts";
import { naive } from "../src/forecast/naive.ts";
import type { ForecastRunner } from "../src/forecast/runner.ts";
import { CRITERIA } from "../src/forecast/smoothing/criterion.ts";
import { ets } from "../src/forecast/smoothing/ets.ts";
import { theta } from "../src/forecast/smoothing/theta.ts";
import { THETA_MODELS } from "../src/forecast/smoothing/thetaLines.ts";
import type { Day } from "../src/time/day.ts";

const named = (name: string, model: Forecaster): Forecaster => ({ ...model, name });
const defaultFirst = <T>(first: T, all: readonly T[]) => [first, ...all.filter((one) => one !== first)];

/**
 * What was ours to choose, and among what. The literature's default stands first, and a tie leaves it standing:
 * DOTM is what Fiorucci et al. (2016) recommend, AICc what R's forecast and statsforecast take.
 */
export const CANDIDATES: Readonly<Record<"theta" | "ets", readonly Forecaster[]>> = {
  theta: defaultFirst("DOTM", [...THETA_MODELS, "auto"] as const).map((model) =>
    named(`theta, ${model}`, theta({ model })),
  ),
  ets: defaultFirst("aicc", CRITERIA).map((ic) => named(`ets, ${ic}`, ets({ ic }))),
};

/** The days that part the cutoffs. */
export interface Split {
  /** The last cutoff that chooses; its window has ended by `reportedFrom`. */
  chosenTo: Day;
  /** The first cutoff that is reported. */
  reportedFrom: Day;
}

/** Scores of some of the cutoffs, percent. */
export interface PartScore {
  cutoffs: number;
  crps: number;
  mape: number;
}

export interface CandidateScore {
  model: string;
  earlier: PartScore;
  later: PartScore;
}

/** Every window of the naive and of all candidates, from every 30th day of all series. */
export async function candidateWindows(series: readonly Series[], runner: ForecastRunner): Promise<Window[]> {
  const models = [naive(), ...CANDIDATES.theta, ...CANDIDATES.ets];
  const found: Window[] = [];
  for (const one of series) found.push(...(await backtest(one, models, { runner })).windows);
  return found;
}

/** The cutoffs of all series in order of time: the second half is reported, the first chooses. */
export function splitOf(windows: readonly Window[]): Split {
  const own = windows.filter(({ model }) => model === windows[0].model);
  const cutoffs = own.map(({ cutoff }) => cutoff).sort();
  const reportedFrom = cutoffs[Math.floor(cutoffs.length / 2)];
  const earlier = own.filter((window) => endOf(window) <= reportedFrom).map(({ cutoff }) => cutoff);
  return { chosenTo: earlier.sort()[earlier.length - 1], reportedFrom };
}

/** The candidate with the smallest CRPS over the cutoffs that choose; of equals the first. */
export function choose(
  candidates: readonly Forecaster[],
  windows: readonly Window[],
  { chosenTo }: Pick<Split, "chosenTo">,
): Forecaster {
  const crpsOf = ({ name }: Forecaster) =>
    scoreOf(windows.filter(({ model, cutoff }) => model === name && cutoff <= chosenTo)).crps;
  return candidates.reduce((best, one) => (crpsOf(one) < crpsOf(best) ? one : best));
}

/** Both halves of every model's cutoffs. */
export function scoreHalves(windows: readonly Window[], { chosenTo, reportedFrom }: Split): CandidateScore[] {
  return [...Map.groupBy(windows, ({ model }) => model)].map(([model, own]) => ({
    model,
    earlier: scoreOf(own.filter(({ cutoff }) => cutoff <= chosenTo)),
    later: scoreOf(own.filter(({ cutoff }) => cutoff >= reportedFrom)),
  }));
}

/** Scores of one model's windows. */
export function scoreOf(windows: readonly Window[]): PartScore {
  const outcomes = windows.flatMap(outcomesOf);
  return {
    cutoffs: windows.length,
    crps: crps(outcomes) ?? Number.NaN,
    mape: mape(outcomes) ?? Number.NaN,
  };
}

function endOf({ forecast }: Window): Day {
  return forecast.steps[forecast.steps.length - 1].ds;
}
