import { FORECAST_KEY } from "../lake/columns.ts";
import { type Columns, columnsOf } from "../lake/write.ts";
import type { RiskRow } from "../risk/riskRows.ts";
import { type RiskScores, scoreRisk } from "../risk/scoreRisk.ts";

/** The columns of `risk_forecasts`. */
export const RISK_COLUMNS = {
  ...FORECAST_KEY,
  variance: "DOUBLE",
  ...columnsOf("DOUBLE", "var95_low", "es95_low", "var99_low", "es99_low"),
  ...columnsOf("DOUBLE", "var95_high", "es95_high", "var99_high", "es99_high"),
  ...columnsOf("DOUBLE", "realized_variance", "change"),
} as const satisfies Columns & Record<keyof RiskRow, unknown>;

/** Of the table's manifest, for each symbol that has a risk forecast. */
export interface RiskFacts {
  symbols: ({ symbol: string } & RiskScores)[];
}

/** @param symbols the rows of each symbol */
export function riskFacts(symbols: readonly (readonly RiskRow[])[]): RiskFacts {
  const known = symbols.filter((rows) => rows.length > 0);
  return { symbols: known.map((rows) => ({ symbol: rows[0].symbol, ...scoreRisk(rows) })) };
}
