import { inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import { drift } from "./drift.ts";
import { randomWalkEnsemble } from "./ensemble/ensemble.ts";
import type { Forecaster, ModelSpec } from "./forecaster.ts";
import { naive } from "./naive.ts";
import { prophet } from "./prophet/prophet.ts";
import { seasonalNaive } from "./seasonalNaive.ts";
import { ets } from "./smoothing/ets.ts";
import { theta } from "./smoothing/theta.ts";

/** The shipped models, in the order of tables and lists. A new one is its file and its name here. */
const BUILDERS: readonly ((options?: ModelSpec["options"]) => Forecaster)[] = [
  naive,
  drift,
  seasonalNaive,
  randomWalkEnsemble,
  theta,
  ets,
  prophet,
  // Scaled by minmax, a logarithm's forecast doesn't depend on the unit of price.
  () => prophet({ log: true, anchored: true, scaling: "minmax" }),
];

const BY_NAME = new Map(BUILDERS.map((build) => [build().name, build]));

/** Raised when a model's answers change, so that no old answer is taken for a new one. */
export const MODELS_VERSION = 3;

/** The model whose forecast is shown first. */
export const DEFAULT_MODEL = "random_walk_ensemble";

/** The models that are shipped, as the published tables name them. */
export const MODEL_NAMES: readonly string[] = [...BY_NAME.keys()];

/** In a list of models: every shipped one. */
export const ALL_MODELS = "all";

/**
 * The shipped models of these names, with their default options; all of them by default.
 * @throws CandlebookError `unknown_model` (exit 2)
 */
export function forecasters(names: readonly string[] = MODEL_NAMES): Forecaster[] {
  return names.map((name) => forecasterOf({ name }));
}

/**
 * Builds a shipped model from its name and options.
 * @throws CandlebookError `unknown_model` (exit 2)
 */
export function forecasterOf({ name, options }: ModelSpec): Forecaster {
  const build = BY_NAME.get(name);
  if (build !== undefined) return { spec: { name, options }, ...build(options) };
  const found = `There is no model called ${name}.`;
  const meant = didYouMean(name, MODEL_NAMES);
  throw inputError("unknown_model", found, `${meant}Choose among ${MODEL_NAMES.join(", ")}.`);
}
