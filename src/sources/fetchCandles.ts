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

/** An empty response alone proves nothing; this many in a row are accepted. */
const EMPTY_ANSWERS = 3;
/**
 * The requested candles, in order, each once. If the exchange is known to have candles after the range, empty
 * responses are never accepted.
 * @throws CandlebookError `exchange_unreachable` if it denies candles that it has returned before
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
    `The exchange returns no ${interval} candle of ${symbol} from ${toIso(from as EpochMs)} on, but it returned later ones before.`,
    "Complete responses are kept. Run the same command again later: it continues where it stopped.",
  );
}

/**
 * Stores the response to one request: the candles in a file, written completely or not at all, then a line in the
 * journal. After a crash in between, the request is sent again.
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
  // An interval that has not ended was not answered: it is requested again when it has.
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
