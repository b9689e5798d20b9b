import type { Columns } from "../lake/write.ts";
import type { RiskRow } from "../risk/riskRows.ts";
import { type RiskScores, reportedRows, scoreRisk } from "../risk/scoreRisk.ts";

/** The columns of `risk_forecasts`. */
export const RISK_COLUMNS = {
  symbol: "VARCHAR",
  model: "VARCHAR",
  cutoff: "DATE",
  ds: "DATE",
  steps_ahead: "INTEGER",
  variance: "DOUBLE",
  var95_low: "DOUBLE",
  es95_low: "DOUBLE",
  var99_low: "DOUBLE",
  es99_low: "DOUBLE",
  var95_high: "DOUBLE",
  es95_high: "DOUBLE",
  var99_high: "DOUBLE",
  es99_high: "DOUBLE",
  realized_variance: "DOUBLE",
  change: "DOUBLE",
} as const satisfies Columns & Record<keyof RiskRow, unknown>;

/** Of the table's manifest, for each symbol that has a risk forecast. */
export interface RiskFacts {
  symbols: ({ symbol: string } & RiskScores)[];
}

/** @param symbols the rows of each symbol */
export function riskFacts(symbols: readonly (readonly RiskRow[])[]): RiskFacts {
  const known = symbols.filter((rows) => rows.length > 0);
  return { symbols: known.map((rows) => ({ symbol: rows[0].symbol, ...scoreRisk(reportedRows(rows)) })) };
}
