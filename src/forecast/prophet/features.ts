import { inputError } from "../../core/errors.ts";
import type { SortedRows } from "./history.ts";
import type { Mode } from "./prophetOptions.ts";

/** Columns of the design matrix that make up one component of the forecast. */
export interface FeatureBlock {
  /** The component's name: `yearly`, a holiday, a regressor … */
  name: string;
  kind: "seasonality" | "holiday" | "regressor";
  mode: Mode;
  /** Standard deviation of the columns' normal priors. */
  priorScale: number;
  width: number;
  /** Writes the block's columns for the rows, from column `offset` of a row-major matrix of `stride` columns. */
  fill(rows: SortedRows, matrix: Float64Array, stride: number, offset: number): void;
}

/** The features of some rows: T × width, row-major. */
export interface FeatureMatrix {
  values: Float64Array;
  width: number;
}

/** Number of columns of all blocks together. */
function featureWidth(blocks: readonly FeatureBlock[]): number {
  return blocks.reduce((sum, block) => sum + block.width, 0);
}

export function buildFeatures(blocks: readonly FeatureBlock[], rows: SortedRows): FeatureMatrix {
  const width = featureWidth(blocks);
  const values = new Float64Array(rows.ds.length * width);
  let offset = 0;
  for (const block of blocks) {
    block.fill(rows, values, width, offset);
    offset += block.width;
  }
  return { values, width };
}

/** One value per column, taken from its block. */
export function perColumn<T>(blocks: readonly FeatureBlock[], value: (block: FeatureBlock) => T): T[] {
  return blocks.flatMap((block) => Array.from({ length: block.width }, () => value(block)));
}

/** @throws CandlebookError `prophet_column` where the rows lack the column */
export function requireColumn(rows: SortedRows, name: string): Float64Array {
  const column = Object.hasOwn(rows.columns, name) ? rows.columns[name] : undefined;
  if (column) return column;
  throw inputError(
    "prophet_column",
    `The rows have no column ${name}, which the model needs.`,
    `Pass ${name} in columns, for the history and for the future.`,
  );
}

const RESERVED = ["trend", "yhat", "holidays", "additiveTerms", "multiplicativeTerms"];

/** @throws CandlebookError `prophet_name` where two components share a name or one is reserved */
export function checkNames(blocks: readonly FeatureBlock[]): void {
  const seen = new Set(RESERVED);
  for (const { name } of blocks) {
    if (seen.has(name)) {
      throw inputError(
        "prophet_name",
        `The name ${name} is reserved or used by two seasonalities, holidays or regressors.`,
        "Give each its own name.",
      );
    }
    seen.add(name);
  }
}
