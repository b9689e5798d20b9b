import type { Command } from "commander";
import { type CloseGapsResult, closeGaps } from "../pipeline/closeGaps.ts";
import { requestText } from "../sources/sendRequests.ts";
import { toIso } from "../time/epoch.ts";
import { withRestUrl } from "./addressOptions.ts";
import { dayOption, symbolList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { grouped, textTable } from "./table.ts";

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
      .description("holes → the exchange's REST interface → minutes, daily_backfill, labels")
      .option("--symbols <list>", "these only, such as BTCUSDT,ETHUSDT")
      .option("--from <day>", "days before the first minute too, from this one on (UTC)")
      .option("--to <day>", "days after the last minute, through this one (default: yesterday, UTC)")
      .option("--minutes", "whole missing days as minutes, not as daily candles alone")
      .option("--retry", "ask again for what the exchange did not have")
      .option("--dry-run", "what would be asked for: requests, weight, minutes, days"),
  );
  attach<Options>(shell, command, "candlebook backfill --dry-run", async (workspace, options, effects) => {
    const { minutes, retry, dryRun, restUrl } = options;
    const [from, to] = [dayOption("--from", options.from), dayOption("--to", options.to)];
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
  if (requests.length === 0) return "Nothing to ask for: every hole is closed, or was asked for before.";
  const head = `${grouped(minutes)} minutes and ${grouped(days)} days in ${grouped(requests.length)} requests, weight ${grouped(weight)}:`;
  const shown = requests.slice(0, 20).map(requestText);
  const more = requests.length > shown.length ? [`… and ${requests.length - shown.length} more`] : [];
  return [head, ...shown, ...more].join("\n");
}

function resultText({ requests, minutes, days, gaps, skipped, unlisted }: CloseGapsResult): string {
  const came = `${grouped(minutes)} minutes and ${grouped(days)} days came in ${grouped(requests)} requests.`;
  const byLabel = Map.groupBy(gaps, ({ symbol, label }) => `${symbol} ${label}`);
  const rows = [...byLabel.values()].map((list) => ({
    symbol: list[0].symbol,
    label: list[0].label,
    holes: list.length,
    minutes: grouped(list.reduce((sum, { from, to }) => sum + (to - from) / 60_000, 0)),
  }));
  const table = rows.length === 0 ? "There is no hole." : textTable(rows);
  const unknown = unlisted.map(({ reason }) => `${reason.message} ${reason.next}`);
  return [came, ...unknown, table, ...(skipped ? ["(nothing had changed)"] : [])].join("\n");
}
