import { MODEL_NAMES } from "../forecast/registry.ts";
import { type ModelChoice, withOwnModels } from "../forecasting/ownModels.ts";

/** Calls `work` with the models of `--models`, all shipped ones without it, and those of the files of `--model`. */
export function withChosenModels<Result>(
  { models, model = [] }: { models?: string; model?: string[] },
  work: (models: ModelChoice[]) => Promise<Result>,
): Promise<Result> {
  return withOwnModels(model, (own) => work([...(models?.split(",") ?? MODEL_NAMES), ...own]));
}
