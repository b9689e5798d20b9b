import type { Workspace } from "../../src/core/workspace.ts";
import { forecast } from "../../src/forecasting/forecast.ts";
import { REAL_MARKET } from "../../src/lake/marketClaim.ts";
import { merge } from "../../src/serving/merge.ts";
import { type DownloadResult, download } from "../../src/sources/download.ts";
import type { Day } from "../../src/time/day.ts";
import { DAY_MS } from "../../src/time/epoch.ts";
import { type Exchange, startExchange } from "../simulator.ts";
import { dayRows, putTable } from "../tables.ts";

/** Days of a forecast. */
export const HORIZON = 3;
const FIRST_DAYS = 100;

/** Publishes a day more than the step before, merges and forecasts; the diary has an entry more. */
export async function derive(workspace: Workspace, step: number): Promise<void> {
  await putTable(workspace, "daily_batch", dayRows("2025-01-01", FIRST_DAYS + step));
  await merge(workspace);
  await forecast(workspace, { models: ["naive"], horizon: HORIZON });
}

/** The exchange on 2025-03-02, when the archive has the days of February, and not yet the month. */
export const februaryExchange = (): Promise<Exchange> =>
  startExchange(Date.parse("2025-03-02T12:00Z"), { seed: 6 });

/** Downloads February: its days in step 1, the month in their place in step 2. */
export function fetchFebruary(
  workspace: Workspace,
  { simulator, network, clock }: Exchange,
  step: number,
): Promise<DownloadResult> {
  const due = Date.parse("2025-03-02T12:00Z") + (step - 1) * 5 * DAY_MS;
  if (clock.now() < due) clock.advance(due - clock.now());
  return download(
    { ...workspace, market: REAL_MARKET, clock: clock.now },
    {
      archiveUrl: simulator.archiveUrl,
      network,
      symbols: ["BTCUSDT"],
      from: "2025-02-01" as Day,
      to: "2025-03-01" as Day,
      interval: "1h",
    },
  );
}
