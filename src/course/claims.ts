import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import type { Text } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Proof, Verdict } from "./proofs.ts";
import { WEEKS } from "./weeks.ts";

/** A claim of the course with the number that was computed for it just now. */
export interface DecidedClaim extends Verdict {
  week: number;
  asked: Text;
  claim: Text;
  /** The notebook's cell that shows it. */
  proof: CellPlace;
}

/** A cell of a notebook, by its id. */
export interface CellPlace {
  notebook: string;
  cell: string;
}

/**
 * Every claim of the course with the number that proves or refutes it, read from the workspace's tables as they are.
 * @throws CandlebookError `interrupted`; a claim that this data can't decide has the reason as its value
 */
export async function claims(workspace: Workspace, effects: Effects = {}): Promise<DecidedClaim[]> {
  const all = WEEKS.flatMap((week) => week.claims.map((claim) => ({ ...week, ...claim })));
  const total = all.length;
  const decided: DecidedClaim[] = [];
  for (const [done, { week, notebook, asked, claim, cell, prove }] of all.entries()) {
    effects.progress?.({ stage: "claims", note: asked.en, done, total });
    const verdict = await decide(prove, workspace, effects);
    decided.push({ week, asked, claim, proof: { notebook, cell }, ...verdict });
  }
  effects.progress?.({ stage: "claims", note: `${total} claims`, done: total, total });
  return decided;
}

async function decide(prove: Proof, workspace: Workspace, effects: Effects): Promise<Verdict> {
  try {
    return await prove(workspace, effects);
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.exit !== 2) throw error;
    const reason = `${error.message} ${error.next}`;
    return { value: { en: reason, vi: reason }, holds: null };
  }
}
