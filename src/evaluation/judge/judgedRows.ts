import { SCORED_BANDS } from "./distribution.ts";
import type { JudgedModel } from "./judge.ts";

type Cell = string | number | null;

const FACTS = ["symbol", "model", "kind", "cutoffs", "days", "pending", "unscored"] as const;
const LOSSES = ["mae", "mape", "mase", "crps", "pinball10", "pinball50", "pinball90"] as const;
const TESTS = ["skill", "skillLow", "skillHigh", "skill365", "dmT", "dmP", "dmPHolm"] as const;

/** The columns of `judgedRows`, in order. */
export const JUDGED_COLUMNS: readonly string[] = [
  ...FACTS,
  ...LOSSES,
  ...SCORED_BANDS.flatMap((level) => [`coverage${level}`, `width${level}`, `intervalScore${level}`]),
  ...["crpsNaive", "crpsNaive365"],
  ...TESTS,
  "suspicion",
];

/** One flat row for each judged model. */
export function judgedRows(models: readonly JudgedModel[]): Record<string, Cell>[] {
  return models.map((model) => ({
    ...pick(model, [...FACTS, ...LOSSES]),
    ...Object.fromEntries(
      model.bands.flatMap(({ level, coverage, width, intervalScore }) => [
        [`coverage${level}`, coverage],
        [`width${level}`, width],
        [`intervalScore${level}`, intervalScore],
      ]),
    ),
    crpsNaive: model.benchmarks.naive,
    crpsNaive365: model.benchmarks.naive365,
    ...pick(model, TESTS),
    suspicion: model.suspicions.map(({ en }) => en).join("; "),
  }));
}

function pick<Name extends keyof JudgedModel>(
  model: JudgedModel,
  names: readonly Name[],
): Record<Name, JudgedModel[Name]> & Record<string, Cell> {
  return Object.fromEntries(names.map((name) => [name, model[name]])) as ReturnType<typeof pick<Name>>;
}
