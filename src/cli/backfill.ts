import type { Command } from "commander";
import { type CloseGapsResult, closeGaps } from "../pipeline/closeGaps.ts";
import { requestText } from "../sources/sendRequests.ts";
import { toIso } from "../time/epoch.ts";
import { withRestUrl } from "./addressOptions.ts";
import { dayRange, symbolList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { counted, grouped, textTable } from "./table.ts";

interface Options {
  symbols?: string;
  from?: string;
  to?: string;
  minutes?: boolean;
  retry?: boolean;
  dryRun?: boolean;
  restUrl?: string;
}

export function registerBackfill(program: Command, shell: Shell): void {
  const command = withRestUrl(
    program
      .command("backfill")
      .description("gaps → the exchange's REST API → minutes, daily_backfill, labels")
      .option("--symbols <list>", "trading pairs, such as BTCUSDT,ETHUSDT (default: all that have minutes)")
      .option("--from <day>", "first day (UTC), also before the first minute")
      .option("--to <day>", "last day (UTC), also after the last minute (default: yesterday)")
      .option("--minutes", "minutes too for whole missing days, not only daily candles")
      .option("--retry", "another try for data that the exchange did not have")
      .option("--dry-run", "the plan only: requests, weight, minutes, days"),
  );
  attach<Options>(shell, command, "candlebook backfill --dry-run", async (workspace, options, effects) => {
    const { minutes, retry, dryRun, restUrl } = options;
    const { from, to } = dayRange(options);
    const symbols = symbolList(options.symbols);
    const wanted = { restUrl, symbols, from, to, minutes, retry, dryRun };
    const result = await closeGaps(workspace, wanted, effects);
    return { json: json(result), text: dryRun ? planText(result) : resultText(result) };
  });
}

function json({ plan, requests, minutes, days, gaps, skipped, unlisted }: CloseGapsResult): object {
  const asked = plan.requests.map(({ symbol, interval, from, to }) => ({
    symbol,
    interval,
    from: toIso(from),
    to: toIso(to),
  }));
  const planned = { ...plan, requests: asked };
  const labelled = gaps.map(({ from, to, ...rest }) => ({ ...rest, from: toIso(from), to: toIso(to) }));
  const unknown = unlisted.map(({ symbol }) => symbol);
  return { plan: planned, requests, minutes, days, gaps: labelled, unlisted: unknown, skipped };
}

function planText({ plan }: CloseGapsResult): string {
  const { requests, weight, minutes, days } = plan;
  if (requests.length === 0) return "Nothing to request: every gap is closed, or was requested before.";
  const head = `${counted(minutes, "minute")} and ${counted(days, "day")} in ${counted(requests.length, "request")}, weight ${grouped(weight)}:`;
  const shown = requests.slice(0, 20).map(requestText);
  const more = requests.length > shown.length ? [`… and ${requests.length - shown.length} more`] : [];
  return [head, ...shown, ...more].join("\n");
}

function resultText({ requests, minutes, days, gaps, skipped, unlisted }: CloseGapsResult): string {
  const came = `${counted(minutes, "minute")} and ${counted(days, "day")} received in ${counted(requests, "request")}.`;
  const byLabel = Map.groupBy(gaps, ({ symbol, label }) => `${symbol} ${label}`);
  const rows = [...byLabel.values()].map((list) => ({
    symbol: list[0].symbol,
    label: list[0].label,
    gaps: list.length,
    minutes: grouped(list.reduce((sum, { from, to }) => sum + (to - from) / 60_000, 0)),
  }));
  const table = rows.length === 0 ? "There are no gaps." : textTable(rows);
  const unknown = unlisted.map(({ reason }) => `${reason.message} ${reason.next}`);
  return [came, ...unknown, table, ...(skipped ? ["(nothing had changed)"] : [])].join("\n");
}
