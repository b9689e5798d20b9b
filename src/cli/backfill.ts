import type { Command } from "commander";
import { inputError } from "../core/errors.ts";
import { type CloseGapsResult, closeGaps } from "../pipeline/closeGaps.ts";
import type { FineInterval } from "../sources/backfill.ts";
import { requestText } from "../sources/sendRequests.ts";
import { MINUTE_MS, toIso } from "../time/epoch.ts";
import { INTERVALS, parseInterval } from "../venues/venueInterval.ts";
import { withRestUrl } from "./addressOptions.ts";
import { dayRange, symbolList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { counted, grouped, textTable } from "./table.ts";

interface Options {
  interval?: string;
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
      .option("--interval <interval>", "length of the candles: 5m, 1h … (default: 1m, with daily candles)")
      .option(
        "--symbols <list>",
        "trading pairs, such as BTCUSDT,ETHUSDT (default: all that have such candles)",
      )
      .option("--from <day>", "first day (UTC), also before the first candle")
      .option("--to <day>", "last day (UTC), also after the last candle (default: yesterday)")
      .option("--minutes", "minutes too for whole missing days, not only daily candles")
      .option("--retry", "another try for data that the exchange did not have")
      .option("--dry-run", "the plan only: requests, weight, minutes, days"),
  );
  attach<Options>(shell, command, "candlebook backfill --dry-run", async (workspace, options, effects) => {
    const { minutes, retry, dryRun, restUrl } = options;
    const { from, to } = dayRange(options);
    const symbols = symbolList(options.symbols);
    const interval = fineInterval(options.interval);
    const wanted = { interval, restUrl, symbols, from, to, minutes, retry, dryRun };
    const result = await closeGaps(workspace, wanted, effects);
    return { json: json(result), text: (dryRun ? planText : resultText)(result, interval) };
  });
}

/** @throws CandlebookError `bad_interval`, `bad_option` */
function fineInterval(text = "1m"): FineInterval {
  const interval = parseInterval(text);
  if (interval !== "1d") return interval;
  throw inputError(
    "bad_option",
    "--interval is 1d; daily candles are requested beside minutes.",
    "Leave --interval out: whole missing days are requested as daily candles.",
  );
}

/** Time as a number of candles, in words. */
function candlesText(minutes: number, interval: FineInterval): string {
  if (interval === "1m") return counted(minutes, "minute");
  return `${counted((minutes * MINUTE_MS) / INTERVALS[interval], "candle")} of ${interval}`;
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

function planText({ plan }: CloseGapsResult, interval: FineInterval): string {
  const { requests, weight, minutes, days } = plan;
  if (requests.length === 0) return "Nothing to request: every gap is closed, or was requested before.";
  const head = `${candlesText(minutes, interval)} and ${counted(days, "day")} in ${counted(requests.length, "request")}, weight ${grouped(weight)}:`;
  const shown = requests.slice(0, 20).map(requestText);
  const more = requests.length > shown.length ? [`… and ${requests.length - shown.length} more`] : [];
  return [head, ...shown, ...more].join("\n");
}

function resultText(
  { requests, minutes, days, gaps, skipped, unlisted }: CloseGapsResult,
  interval: FineInterval,
): string {
  const came = `${candlesText(minutes, interval)} and ${counted(days, "day")} received in ${counted(requests, "request")}.`;
  const byLabel = Map.groupBy(gaps, ({ symbol, label }) => `${symbol} ${label}`);
  const rows = [...byLabel.values()].map((list) => ({
    symbol: list[0].symbol,
    label: list[0].label,
    gaps: list.length,
    minutes: grouped(list.reduce((sum, { from, to }) => sum + (to - from) / MINUTE_MS, 0)),
  }));
  const table = rows.length === 0 ? "There are no gaps." : textTable(rows);
  const unknown = unlisted.map(({ reason }) => `${reason.message} ${reason.next}`);
  return [came, ...unknown, table, ...(skipped ? ["(nothing had changed)"] : [])].join("\n");
}
