import { INTERVALS } from "../binance/interval.ts";
import { type Kline, klineToLine } from "../binance/kline.ts";
import type { Rest } from "../binance/rest.ts";
import { throwIfAborted } from "../core/errors.ts";
import { writeFileWhole } from "../core/files.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import type { EpochMs } from "../time/epoch.ts";
import { type Asked, answerPath, appendJournal } from "./journal.ts";
import type { KlineRequest } from "./plan.ts";
import { intersect, span, subtract } from "./spans.ts";

/**
 * Asks until a request's stretch is through. Each page begins after the last candle of the one before, so it ends
 * whatever comes: an answer without any later candle is asked for once more, and then taken for the truth.
 * @returns candles that were wanted, in order, each once
 */
export async function fetchKlines(rest: Rest, request: KlineRequest): Promise<Kline[]> {
  const { symbol, interval, to, wanted } = request;
  const length = INTERVALS[interval];
  const found: Kline[] = [];
  let at: number = request.from;
  let empty = 0;
  while (at < to && empty < 2) {
    const page = await rest.klines(symbol, interval, at as EpochMs, (to - 1) as EpochMs);
    const last = page.at(-1);
    empty = last === undefined ? empty + 1 : 0;
    if (last !== undefined) at = last[0] + length;
    found.push(...page);
  }
  return found.filter(([time]) => wanted.some(({ from, to: end }) => time >= from && time < end));
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
