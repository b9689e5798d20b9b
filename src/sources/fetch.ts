import { INTERVALS } from "../binance/interval.ts";
import { type Kline, klineToLine } from "../binance/kline.ts";
import type { Rest } from "../binance/rest.ts";
import { type CandlebookError, outsideError, throwIfAborted } from "../core/errors.ts";
import { writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { DAY_MS, type EpochMs, toIso } from "../time/epoch.ts";
import { type Asked, answerPath, appendJournal } from "./journal.ts";
import type { KlineRequest } from "./plan.ts";
import { intersect, span, subtract } from "./spans.ts";

/** An answer without any candle proves nothing by itself; so many in a row are believed. */
const EMPTY_ANSWERS = 3;
/** How far behind the stretch the candle is sought that proves it empty. */
const PROOF_MS = 3_650 * DAY_MS;

/**
 * Asks until a request's stretch is through. Each page begins after the last candle of the one before, so it ends
 * whatever comes. An empty answer is asked for again without the stretch's end: a candle behind it proves that the
 * exchange has none in it. Where none comes, as after the last one, three empty answers are taken for the truth, but
 * never where the exchange is known to have candles behind.
 * @returns candles that were wanted, in order, each once
 * @throws CandlebookError `exchange_unreachable` where it denies candles that it has given before
 */
export async function fetchKlines(rest: Rest, request: KlineRequest): Promise<Kline[]> {
  const { symbol, interval, to, wanted } = request;
  const length = INTERVALS[interval];
  const found: Kline[] = [];
  let at: number = request.from;
  let empty = 0;
  while (at < to && empty < EMPTY_ANSWERS) {
    const end = empty === 0 ? to : to + PROOF_MS;
    const page = await rest.klines(symbol, interval, at as EpochMs, (end - 1) as EpochMs);
    const last = page.at(-1);
    empty = last === undefined ? empty + 1 : 0;
    if (last !== undefined) at = last[0] + length;
    found.push(...page);
  }
  if (empty === EMPTY_ANSWERS && request.proven) throw denied(request);
  return found.filter(([time]) => wanted.some(({ from, to: end }) => time >= from && time < end));
}

function denied({ symbol, from, interval }: KlineRequest): CandlebookError {
  return outsideError(
    "exchange_unreachable",
    `The exchange says that ${symbol} has no ${interval} candle from ${toIso(from as EpochMs)} on, but it gave later ones before.`,
    "What came in whole is kept. Run the same command again later: it goes on where it stopped.",
  );
}

/**
 * Sends one request and keeps what comes: the candles in a file that is whole or not there, then a line in the
 * journal. Killed in between, the request is sent once more.
 */
export async function fetchAndKeep(
  workspace: Workspace,
  rest: Rest,
  request: KlineRequest,
  journal: Asked[],
  now: EpochMs,
  signal?: AbortSignal,
): Promise<Asked> {
  const klines = await fetchKlines(rest, request);
  throwIfAborted(signal);
  const { symbol, interval, wanted } = request;
  const length = INTERVALS[interval];
  const came = klines.map(([time]) => span(time, time + length));
  const open = intersect(wanted, [span(now - (now % length), Number.MAX_SAFE_INTEGER)]);
  const file = klines.length === 0 ? null : answerPath(journal, request);
  if (file !== null) {
    const text = klines.map((kline) => `${klineToLine(kline, "ms")}\n`).join("");
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
    at: now,
  };
  await appendJournal(workspace, entry);
  journal.push(entry);
  return entry;
}
