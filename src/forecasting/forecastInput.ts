import { join } from "node:path";
import type { Effects } from "../core/effects.ts";
import type { Workspace } from "../core/workspace.ts";
import type { Series } from "../forecast/forecaster.ts";
import { PRICE_TYPES } from "../lake/columns.ts";
import { type Published, publishTable, type Recipe } from "../lake/publish.ts";
import { readTable } from "../lake/read.ts";
import { literal, withLake } from "../lake/session.ts";
import { type Columns, copyTo, fillTable } from "../lake/write.ts";
import { dataHash } from "./inputSeries.ts";

const TABLE = "forecast_input";

const STAGE_VERSION = 1;

const COLUMNS: Columns = {
  symbol: "VARCHAR",
  ds: "DATE",
  ...PRICE_TYPES,
  variance: "DOUBLE",
  filled: "BOOLEAN",
};

/**
 * Publishes the days as the models see them, so that each forecast can be made again from them. Symbols that are not
 * among the series keep the rows that they have.
 */
export async function publishForecastInput(
  workspace: Workspace,
  { inputs, source }: Pick<Recipe, "inputs" | "source">,
  series: readonly Series[],
  effects: Effects,
): Promise<Published> {
  const data = Object.fromEntries(series.map((one) => [one.symbol, dataHash(one, one.days.length)]));
  const recipe = {
    table: TABLE,
    stage: "forecast",
    parameters: { version: STAGE_VERSION, data },
    inputs,
    source,
  };
  return publishTable(workspace, recipe, async (folder) => {
    const old = await readTable(workspace, TABLE).catch(() => null);
    const rows = await withLake(workspace, effects, async (lake) => {
      await fillTable(lake, "seen", COLUMNS, series.map(rowsOf));
      const others =
        old === null
          ? ""
          : `UNION ALL SELECT * FROM ${old.sql} WHERE symbol NOT IN (${Object.keys(data).map(literal).join(", ")})`;
      return copyTo(
        lake,
        `(SELECT * FROM seen ${others} ORDER BY symbol, ds)`,
        join(folder, "part-0.parquet"),
      );
    });
    return { rows };
  });
}

function rowsOf({ symbol, days, filled, variance, ...prices }: Series): object[] {
  const { open, high, low, close } = prices;
  return days.map((ds, i) => ({
    ...{ symbol, ds, open: open[i], high: high[i], low: low[i], close: close[i] },
    variance: variance?.[i] ?? null,
    filled: filled?.[i] === 1,
  }));
}
