import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import { readTable } from "../lake/read.ts";
import { withLake } from "../lake/session.ts";
import type { RiskRow } from "../risk/riskRows.ts";
import { type SymbolRisk, shownModel } from "../risk/symbolRisk.ts";
import type { RiskFacts } from "./riskTable.ts";

/**
 * The published risk of each symbol: what every model expects from the last day on, its scores, and the forecasts of
 * the next day by the model that is shown first. Empty before the first forecast.
 */
export async function readRisk(workspace: Workspace, effects: Effects = {}): Promise<SymbolRisk[]> {
  const table = await readTable(workspace, "risk_forecasts");
  if (table === null) return [];
  const rows = await withLake(workspace, effects, (lake) =>
    lake.rows<RiskRow>(
      `SELECT * REPLACE (cutoff::VARCHAR AS cutoff, ds::VARCHAR AS ds) FROM ${table.sql}
       QUALIFY steps_ahead = 1 OR cutoff = max(cutoff) OVER (PARTITION BY symbol)`,
    ),
  );
  const { symbols } = table.manifest.facts as unknown as RiskFacts;
  return symbols.map(({ symbol, ...scores }) => {
    const own = rows.filter((row) => row.symbol === symbol);
    const cutoff = own.reduce((last, row) => (row.cutoff > last ? row.cutoff : last), own[0].cutoff);
    const latest = own.filter((row) => row.cutoff === cutoff);
    const model = shownModel(latest);
    const nextDay = own.filter((row) => row.steps_ahead === 1 && row.model === model);
    return { symbol, cutoff, model, latest, nextDay, scores };
  });
}
