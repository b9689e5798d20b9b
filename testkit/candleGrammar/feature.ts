import type { Dice } from "./dice.ts";
import type { Column, Field, Plan } from "./plan.ts";

/** One unusual thing of a file. */
export interface Feature {
  label: string;
  weight: number;
  /** Whether it goes with what the plan has already; the earlier groups are decided. */
  fits?(plan: Plan): boolean;
  apply(plan: Plan, dice: Dice): void;
}

/** Features of which a file has at most one. */
export interface Group {
  /** How often a file has a feature of it, against the other groups. */
  weight: number;
  features: readonly Feature[];
}

/** The columns with another field in the place of one. */
export function replaceField(columns: readonly Column[], field: Field, ...by: Column[]): Column[] {
  return columns.flatMap((column) => (column.field === field ? by : [column]));
}

/** A column at a random place. */
export function insertColumn(plan: Plan, column: Column, dice: Dice): void {
  plan.columns = plan.columns.toSpliced(dice.int(0, plan.columns.length), 0, column);
}

export const withHeader = (plan: Plan) => plan.header !== "none";
/** Still the six columns under a header of common words. */
export const unfixed = (plan: Plan) => plan.header !== "none" && !plan.fixed;
