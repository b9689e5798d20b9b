import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Source } from "../src/candle/candle.ts";
import { assetOf } from "../src/candle/symbol.ts";
import type { Workspace } from "../src/core/workspace.ts";
import type { Series } from "../src/forecast/forecaster.ts";
import { PRICE_TYPES } from "../src/lake/columns.ts";
import { publishTable } from "../src/lake/publish.ts";
import { publishRows } from "../src/lake/publishRows.ts";
import { literal, withLake } from "../src/lake/session.ts";
import { columnsOf, fillTable } from "../src/lake/write.ts";

const COLUMNS = {
  symbol: "VARCHAR",
  ds: "DATE",
  ...columnsOf("DOUBLE", "y", "open", "high", "low", "volume", "ma7", "ma30"),
  origin: "VARCHAR",
} as const;

/**
 * Publishes series as the table `prophet_input`, as the merge would.
 * @param filled days that no source has
 */
export async function publishInput(
  workspace: Workspace,
  series: readonly Series[],
  { source = "csv", filled = [] }: { source?: Source; filled?: readonly string[] } = {},
): Promise<void> {
  const rows = series.flatMap(({ symbol, days, open, high, low, close }) =>
    days.map((ds, i) => ({
      ...{ symbol, ds, y: close[i], open: open[i], high: high[i], low: low[i] },
      ...{ volume: 1, origin: filled.includes(ds) ? "filled" : "batch" },
    })),
  );
  const inputs = series.map(({ symbol, days }) => ({ name: symbol, version: `${days.length} days` }));
  const recipe = { table: "prophet_input", stage: "merge", parameters: {}, inputs, source };
  await publishRows(workspace, {}, recipe, { columns: COLUMNS, pages: () => [rows] });
}

/** Publishes candles as a symbol's clean minutes, as far as the forecast reads them. */
export async function publishClean(
  workspace: Workspace,
  symbol: string,
  candles: readonly { openTime: number; open: number; high: number; low: number; close: number }[],
): Promise<void> {
  const columns = { openTime: "BIGINT", ...PRICE_TYPES } as const;
  const inputs = [{ name: "test", version: randomUUID() }];
  const recipe = {
    table: `${assetOf(symbol)}_clean`,
    stage: "clean",
    parameters: {},
    inputs,
    source: "csv",
  } as const;
  await publishTable(workspace, recipe, async (folder) => {
    await withLake(workspace, {}, async (lake) => {
      await fillTable(lake, "draft", columns, [candles]);
      await lake.run(`COPY (SELECT make_timestamptz("openTime" * 1000) AS open_time, * EXCLUDE ("openTime") FROM draft)
        TO ${literal(join(folder, "part-0.parquet"))}`);
    });
    return { rows: candles.length };
  });
}
