import type { Effects } from "../core/effects.ts";
import { outsideError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { withTableLock } from "../lake/lock.ts";
import { type Day, startOfDay } from "../time/day.ts";
import { DAY_MS } from "../time/epoch.ts";
import type { Network } from "../venues/http.ts";
import { planBackfill } from "./backfillPlan.ts";
import { askedSpans, readJournal, receivedSpans } from "./journal.ts";
import { nothingReceived, type Received, sendRequests } from "./sendRequests.ts";
import { noDays, span } from "./spans.ts";

export interface StartOptions {
  /** The exchange's address, from `addresses`. */
  restUrl: string;
  symbols: readonly string[];
  from: Day;
  to: Day;
  network?: Network;
}

/**
 * Fetches minutes over REST for symbols without a file in the archive: without any minutes there is no table whose
 * gaps a backfill could close. Answered requests are not repeated, unless the response was empty.
 * @throws CandlebookError `no_candles` (exit 3) if the exchange has none of a symbol, `no_such_symbol`; the errors of
 *   `sendRequests`
 */
export async function startOverRest(
  workspace: Workspace,
  options: StartOptions,
  effects: Effects = {},
): Promise<Received> {
  return withTableLock(workspace, "backfill", async () => {
    const { symbols, from, to } = options;
    const journal = await readJournal(workspace);
    const minutesOf = (symbol: string) =>
      journal.some((entry) => entry.symbol === symbol && entry.interval === "1m" && entry.file !== null);
    const stretch = span(startOfDay(from), startOfDay(to) + DAY_MS);
    const gaps = symbols.map((symbol) => ({
      symbol,
      gaps: [stretch],
      knownDays: [],
      asked: (minutesOf(symbol) ? askedSpans : receivedSpans)(journal, symbol),
    }));
    const received = nothingReceived();
    await sendRequests({ workspace, ...options, effects, journal, received }, planBackfill(gaps, noDays));
    for (const { reason } of received.unlisted) throw reason;
    const empty = symbols.filter((symbol) => !minutesOf(symbol));
    if (empty.length === 0) return received;
    throw outsideError(
      "no_candles",
      `Neither the archive nor the exchange has a minute of ${empty.join(", ")} from ${from} to ${to}.`,
      "Request other days (--from, --to) or other symbols (--symbols).",
    );
  });
}
