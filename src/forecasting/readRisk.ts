import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { FORECAST_FIELDS } from "../lake/columns.ts";
import { readTable } from "../lake/read.ts";
import { readRows } from "../lake/session.ts";
import type { RiskRow } from "../risk/riskRows.ts";
import type { RiskScores } from "../risk/scoreRisk.ts";
import { type SymbolRisk, shownModel } from "../risk/symbolRisk.ts";
import { addDays } from "../time/day.ts";
import type { RiskFacts } from "./riskTable.ts";

/** Days before the last one whose forecasts of the next day are read. */
const SHOWN_DAYS = 365;

/**
 * The published risk of each symbol: what every model expects from the last day on, its scores, and the forecasts of
 * the next day in the last year by the model that is shown first. Empty before the first forecast.
 */
export async function readRisk(workspace: Workspace, effects: Effects = {}): Promise<SymbolRisk[]> {
  const table = await readTable(workspace, "risk_forecasts");
  if (table === null) return [];
  const rows = await readRows<RiskRow>(
    workspace,
    effects,
    `SELECT ${FORECAST_FIELDS} FROM ${table.sql}
     QUALIFY cutoff >= max(cutoff) OVER (PARTITION BY symbol) - ${SHOWN_DAYS} * (steps_ahead = 1)::INTEGER
     ORDER BY symbol, cutoff, model, steps_ahead`,
  );
  const { symbols } = table.manifest.facts as unknown as RiskFacts;
  return symbols.map(({ symbol, ...scores }) =>
    symbolRisk(
      rows.filter((row) => row.symbol === symbol),
      scores,
    ),
  );
}

/**
 * The risk of one symbol, as `readRisk` returns it, from the rows of its table.
 * @param rows of one symbol, at least one
 */
export function symbolRisk(rows: readonly RiskRow[], scores: RiskScores): SymbolRisk {
  const [{ symbol }] = rows;
  const cutoff = rows.reduce((last, row) => (row.cutoff > last ? row.cutoff : last), rows[0].cutoff);
  const latest = rows.filter((row) => row.cutoff === cutoff);
  const model = shownModel(latest);
  const since = addDays(cutoff, -SHOWN_DAYS);
  const nextDay = rows.filter((row) => row.steps_ahead === 1 && row.model === model && row.cutoff >= since);
  return { symbol, cutoff, model, latest, nextDay, scores };
}
