import type { Day } from "../../time/day.ts";
import type { Criterion } from "./criterion.ts";
import type { ThetaModel } from "./thetaLines.ts";

/**
 * What of several candidates is the default: each had the smallest CRPS on the earlier half of the cutoffs of Bitcoin
 * and Ether (docs/semantics.md has the table, `bench/forecast/choose.ts` prints it, a test chooses again). Scores of
 * cutoffs from `reportedFrom` on are the first that had no say.
 */
export const SELECTED: { theta: ThetaModel | "auto"; ic: Criterion; reportedFrom: Day } = {
  theta: "OTM",
  ic: "aicc",
  reportedFrom: "2021-10-23" as Day,
};
