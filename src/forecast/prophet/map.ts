import { featureSignSearch } from "./featureSign.ts";
import { layoutOf, linearize, packParameters, unpackParameters } from "./linearize.ts";
import {
  bestSigma,
  type Evaluation,
  evaluateModel,
  logPosterior,
  type MapProblem,
  type Parameters,
} from "./posterior.ts";

/** The maximum a posteriori estimate. */
export interface MapEstimate {
  parameters: Parameters;
  /** Log posterior without constants, see `logPosterior`. */
  objective: number;
  /** Gauss–Newton rounds taken. */
  rounds: number;
}

const MOST_ROUNDS = 500;
/** Relative gain of the posterior under which a round counts as the last. */
const GAIN = 1e-12;
const SMALLEST_STEP = 1e-6;

/**
 * The exact maximum of Prophet's posterior. Each round minimises, for the sigma at hand, the penalised least
 * squares of the linearised model, ½ x'(G + s²P)x − c'x + s² Σ|delta|/tau, by feature-sign search, and halves
 * the step until the posterior rises. Models without multiplicative terms and logistic growth are linear:
 * one Gram matrix serves all rounds.
 */
export function maximizePosterior(problem: MapProblem, start: Omit<Parameters, "sigma">): MapEstimate {
  const layout = layoutOf(problem);
  const { size } = layout;
  const ridge = new Float64Array(size).fill(1 / 25, 0, layout.beta);
  problem.priorScales.forEach((scale, j) => {
    ridge[layout.beta + j] = scale ** -2;
  });
  const isLinear = problem.cap === null && !problem.multiplicative.includes(1);

  const assess = (x: Float64Array) => {
    const p = unpackParameters(layout, x);
    const evaluation: Evaluation = evaluateModel(problem, p);
    const parameters = { ...p, sigma: bestSigma(evaluation.ssr, problem.t.length) };
    return { x, evaluation, parameters, objective: logPosterior(problem, parameters, evaluation.ssr) };
  };

  let current = assess(packParameters(layout, start));
  let equations = linearize(problem, layout, current.x, current.evaluation);
  for (let rounds = 1; rounds <= MOST_ROUNDS; rounds++) {
    const variance = current.parameters.sigma ** 2;
    const a = equations.gram.slice();
    for (let j = 0; j < size; j++) a[j * size + j] += variance * ridge[j];
    const weight = new Float64Array(size).fill(variance / problem.changepointPriorScale, layout.delta);
    const goal = current.x.slice();
    featureSignSearch({ a, b: equations.target, weight, size }, goal);

    let next = assess(goal);
    for (let step = 0.5; next.objective < current.objective && step > SMALLEST_STEP; step /= 2) {
      next = assess(current.x.map((v, j) => v + step * (goal[j] - v)));
    }
    const gain = next.objective - current.objective;
    if (gain > 0) current = next;
    if (!(gain > GAIN * (1 + Math.abs(current.objective)))) {
      return { parameters: current.parameters, objective: current.objective, rounds };
    }
    if (!isLinear) equations = linearize(problem, layout, current.x, current.evaluation);
  }
  return { parameters: current.parameters, objective: current.objective, rounds: MOST_ROUNDS };
}
