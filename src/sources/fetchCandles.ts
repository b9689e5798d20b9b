import { type CandlebookError, outsideError } from "../core/errors.ts";
import { writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { fetchStretch } from "../venues/stretch.ts";
import type { FetchedCandle, Rest } from "../venues/venue.ts";
import { INTERVALS } from "../venues/venueInterval.ts";
import type { KlineRequest } from "./backfillPlan.ts";
import { type Asked, answerPath, appendJournal } from "./journal.ts";
import { intersect, span, subtract } from "./spans.ts";

/** An answer without any candle proves nothing by itself; so many in a row are believed. */
const EMPTY_ANSWERS = 3;
/**
 * The candles of a request that were wanted, in order, each once. Where the exchange is known to have candles behind the
 * stretch, empty answers are never taken for the truth.
 * @throws CandlebookError `exchange_unreachable` where it denies candles that it has given before
 */
export async function fetchCandles(rest: Rest, request: KlineRequest): Promise<FetchedCandle[]> {
  const { candles, denied } = await fetchStretch(rest, request, EMPTY_ANSWERS);
  if (denied && request.proven) throw denies(request);
  return candles.filter(({ openTime }) =>
    request.wanted.some(({ from, to }) => openTime >= from && openTime < to),
  );
}

function denies({ symbol, from, interval }: KlineRequest): CandlebookError {
  return outsideError(
    "exchange_unreachable",
    `The exchange says that ${symbol} has no ${interval} candle from ${toIso(from as EpochMs)} on, but it gave later ones before.`,
    "What came in whole is kept. Run the same command again later: it goes on where it stopped.",
  );
}

/**
 * Keeps the answer of one request: the candles in a file that is whole or not there, then a line in the journal.
 * Killed in between, the request is sent once more.
 */
export async function keepAnswer(
  workspace: Workspace,
  journal: Asked[],
  request: KlineRequest,
  { candles, at }: { candles: readonly FetchedCandle[]; at: EpochMs },
): Promise<Asked> {
  const { symbol, interval, wanted } = request;
  const length = INTERVALS[interval];
  const came = candles.map(({ openTime }) => span(openTime, openTime + length));
  const open = intersect(wanted, [span(at - (at % length), Number.MAX_SAFE_INTEGER)]);
  const file = candles.length === 0 ? null : answerPath(journal, request);
  if (file !== null) {
    const text = candles.map(({ line }) => `${line}\n`).join("");
    await writeFileWhole(inWorkspace(workspace, file), text);
  }
  // What is not over yet was not answered: it is asked for again when it is.
  const answered = subtract(wanted, open);
  const entry: Asked = {
    symbol,
    interval,
    wanted: answered,
    lacking: subtract(answered, came),
    file,
    at,
  };
  await appendJournal(workspace, entry);
  journal.push(entry);
  return entry;
}
