import type { Effects } from "../core/effects.ts";
import { CandlebookError, throwIfAborted } from "../core/errors.ts";
import { nearNames } from "../core/nearNames.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { simulatedSeedOf } from "../lake/marketClaim.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, toIso } from "../time/epoch.ts";
import { banList } from "../venues/ban.ts";
import { type Network, systemNetwork } from "../venues/http.ts";
import { venue } from "../venues/registry.ts";
import type { Rest } from "../venues/venue.ts";
import type { BackfillPlan, KlineRequest } from "./backfillPlan.ts";
import { fetchCandles, keepAnswer } from "./fetchCandles.ts";
import { type Asked, askedSpans } from "./journal.ts";
import { forgetMissing, type Missing, missingInWords, writeMissing } from "./missing.ts";
import { length, subtract } from "./spans.ts";

/** The results of a plan so far. */
export interface Received {
  /** Requests sent, including retries. */
  requests: number;
  /** Time of the candles that are no days, in minutes. */
  minutes: number;
  days: number;
  /** Files of candles that `ingest` has not read, relative to the workspace. */
  files: string[];
  /** Symbols that the exchange does not list: the rest was requested without them. */
  unlisted: { symbol: string; reason: CandlebookError }[];
}

/** What the requests of a call share. */
export interface RequestRun {
  workspace: Workspace;
  restUrl: string;
  network?: Network;
  effects: Effects;
  /** Each answer is added to it. */
  journal: Asked[];
  received: Received;
}

export const nothingReceived = (): Received => ({
  requests: 0,
  minutes: 0,
  days: 0,
  files: [],
  unlisted: [],
});

/**
 * Sends the requests of a plan one after the other and stores the responses; counts them in `received`, with the
 * symbols that the exchange does not list (`no_such_symbol`).
 * @throws CandlebookError of the exchange (exit 3), with the missing data: in words, and to the last candle in
 *   `data/missing_rest.csv`; `interrupted`
 */
export async function sendRequests(run: RequestRun, plan: BackfillPlan): Promise<void> {
  const { workspace, journal, received } = run;
  if (plan.requests.length === 0) return;
  try {
    await sendAll(run, plan.requests);
    await forgetMissing(workspace, "rest");
  } catch (error) {
    if (!(error instanceof CandlebookError) || error.exit !== 3) throw error;
    const listed = plan.requests.filter(({ symbol }) => !isUnlisted(received, symbol));
    const missing = missingOf(listed, journal);
    const list = await writeMissing(workspace, "rest", missing);
    const kept = `${received.files.length} files of candles and ${received.days} days were received and are kept.`;
    throw error.reworded({
      message: `${error.message} ${kept} Still missing: ${missingInWords(missing)}; listed in ${list}.`,
    });
  }
}

async function sendAll(
  { workspace, restUrl, network = systemNetwork, effects, journal, received }: RequestRun,
  requests: readonly KlineRequest[],
): Promise<void> {
  const total = requests.length;
  let done = 0;
  const report = (note: string) => effects.progress?.({ stage: "backfill", note, done, total });
  const rest = venue.rest({
    base: restUrl,
    network,
    bans: banList(inWorkspace(workspace, "data", "bans.json")),
    market: () => simulatedSeedOf(workspace),
    signal: effects.signal,
    onWait: (ms, why) => report(`waiting ${Math.ceil(ms / 1000)} s: ${why}`),
    onRequest: () => {
      received.requests += 1;
    },
  });
  const now = await rest.time();
  const invalid: CandlebookError[] = [];
  for (const request of requests) {
    throwIfAborted(effects.signal);
    if (isUnlisted(received, request.symbol)) continue;
    report(`${request.symbol} ${request.interval} ${toIso(request.from).slice(0, 10)}`);
    const fetched = await fetchCandles(rest, request).catch((error) => {
      if (!isInvalid(error) || invalid.push(error) === MOST_INVALID) {
        return noteUnlisted(rest, request.symbol, error, received);
      }
      return null;
    });
    if (fetched === null) continue;
    throwIfAborted(effects.signal);
    const entry = await keepAnswer(workspace, journal, request, { candles: fetched, at: now });
    const came = length(subtract(entry.wanted, entry.lacking));
    if (entry.interval === "1d") received.days += came / DAY_MS;
    else received.minutes += came / MINUTE_MS;
    if (entry.interval !== "1d" && entry.file !== null) received.files.push(entry.file);
    done += 1;
  }
  if (invalid.length > 0) throw invalid[0];
  report("done");
}

/** A range with an invalid answer does not hold up the others; an exchange that has only such ones is left alone. */
const MOST_INVALID = 3;
const isInvalid = (error: unknown): error is CandlebookError =>
  error instanceof CandlebookError && error.code === "invalid_answer";

const isUnlisted = ({ unlisted }: Received, symbol: string) => unlisted.some((one) => one.symbol === symbol);

/** Adds similar names to the error for a symbol that the exchange does not list. @throws any other error */
async function noteUnlisted(rest: Rest, symbol: string, error: unknown, received: Received): Promise<null> {
  if (!(error instanceof CandlebookError) || error.code !== "no_such_symbol") throw error;
  const near = nearNames(symbol, await rest.symbols());
  const next = near.length === 0 ? error.next : `Did you mean ${near.join(", ")}?`;
  received.unlisted.push({ symbol, reason: error.reworded({ next }) });
  return null;
}

/** The missing data of unanswered requests. */
function missingOf(requests: readonly KlineRequest[], journal: readonly Asked[]): Missing[] {
  return requests.flatMap(({ symbol, interval, wanted }) =>
    subtract(wanted, askedSpans(journal, symbol)[interval]).map((part) => ({
      symbol,
      interval,
      ...part,
    })),
  );
}

const minuteText = (time: EpochMs) => toIso(time).slice(0, 16).replace("T", " ");

/** One request as text: symbol, interval, from and to. */
export function requestText({ symbol, interval, from, to }: KlineRequest): string {
  return `${symbol} ${interval} ${minuteText(from)} – ${minuteText(to)}`;
}
