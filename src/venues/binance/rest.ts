import { invalidReason } from "../../candle/validity.ts";
import { type CandlebookError, inputError, outsideError } from "../../core/errors.ts";
import { EARLIEST_MS, type EpochMs, MINUTE_MS } from "../../time/epoch.ts";
import { type Answer, ask, BrokenRequest, pauseBefore, refuseRedirect, retryAfterMs } from "../http.ts";
import { INTERVALS, type Interval } from "../interval.ts";
import { refuseOtherMarket } from "../market.ts";
import type { FetchedCandle, Rest, RestOptions } from "../venue.ts";
import { isKline, klineToCandle, klineToLine } from "./kline.ts";

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits */
const WEIGHT_LIMIT = 6000;
/** Requests stay below this share of the limit: others may use the same address. */
const OUR_SHARE = 0.8;
export const KLINES_WEIGHT = 2;
export const KLINES_LIMIT = 1000;
const TRIES = 5;
const LONGEST_BODY = 8 * 2 ** 20;
const FIRST_BAN_MS = 2 * MINUTE_MS;

/**
 * A client that stays below 80 % of the weight limit, waits as the exchange instructs, retries failed requests, and
 * sends none during a ban. If its first request finds no network, it does not retry. Every method throws
 * CandlebookError: `banned`, `blocked_region`, `redirected`, `exchange_unreachable` (exit 3), `refused_request`,
 * `mixed_markets` (exit 2), `interrupted`.
 */
export function restClient(options: RestOptions): Rest {
  const { base, network, bans, signal } = options;
  let used = { minute: 0, weight: 0 };
  /** The exchange's clock minus ours; the exchange's is used. */
  let offset = 0;
  const now = () => network.now() + offset;
  /** Whether any request was answered: until then an unknown host name means that there is no network. */
  let answered = false;

  const pause = async (ms: number, why: string) => {
    options.onWait?.(ms, why);
    await network.wait(ms, signal);
  };
  const makeRoom = async (weight: number) => {
    const minute = Math.floor(now() / MINUTE_MS);
    if (minute !== used.minute) used = { minute, weight: 0 };
    if (used.weight + weight <= OUR_SHARE * WEIGHT_LIMIT) return;
    await pause((minute + 1) * MINUTE_MS - now(), "the weight limit");
    used = { minute: minute + 1, weight: 0 };
  };

  const get = async (path: string, weight: number): Promise<unknown> => {
    const url = `${base}${path}`;
    await bans.check(base, network.now());
    let last = "";
    for (let tries = 1; tries <= TRIES; tries += 1) {
      await makeRoom(weight);
      let waitMs = pauseBefore(tries, network);
      try {
        options.onRequest?.();
        const answer = await ask(url, network, { signal });
        answered = true;
        refuseOtherMarket(url, answer.headers, await options.market());
        const told = Number(answer.headers.get("x-mbx-used-weight-1m") ?? Number.NaN);
        used.weight = Number.isFinite(told) ? told : used.weight + weight;
        if (answer.status === 200) return await readJsonBody(answer);
        await refuse(answer, url);
        last = `status ${answer.status}`;
        if (answer.status === 429) {
          last = "status 429, too many requests";
          waitMs = retryAfterMs(answer.headers) ?? waitMs;
        }
      } catch (error) {
        if (!(error instanceof BrokenRequest)) throw error;
        if (error.offline && !answered) throw unreachable(base, error.what, tries);
        last = error.what;
      }
      if (tries < TRIES) await pause(waitMs, last);
    }
    throw unreachable(base, last, TRIES);
  };

  /** Throws if a retry can't help. */
  const refuse = async (answer: Answer, url: string): Promise<void> => {
    const { status } = answer;
    refuseRedirect(url, answer);
    if (status === 418) {
      const body = await answer.body(LONGEST_BODY).catch(() => Buffer.alloc(0));
      throw await bans.add(base, network.now() + banMs(answer, body.toString(), now()));
    }
    if (status === 403 || status === 451) throw blocked(base, status);
    if (status >= 400 && status < 500 && status !== 429 && status !== 408) {
      const { code, msg } = (await readJsonBody(answer).catch(() => ({}))) as {
        code?: unknown;
        msg?: unknown;
      };
      throw refused(url, status, code, msg);
    }
    await answer.body(LONGEST_BODY).catch(() => undefined);
  };

  return {
    time: async () => {
      const body = (await get("/api/v3/time", 1)) as { serverTime?: unknown };
      if (!Number.isSafeInteger(body.serverTime)) throw strange(base, "the time");
      offset = (body.serverTime as number) - network.now();
      return body.serverTime as EpochMs;
    },
    symbols: async () => {
      const body = (await get("/api/v3/exchangeInfo", 20)) as { symbols?: unknown };
      if (!Array.isArray(body.symbols)) throw strange(base, "its symbols");
      return body.symbols.map((entry) => String((entry as { symbol?: unknown }).symbol));
    },
    candles: async (symbol, interval, from, to) => {
      const query = new URLSearchParams({
        symbol,
        interval,
        startTime: String(from),
        endTime: String(to),
        limit: String(KLINES_LIMIT),
      });
      const body = await get(`/api/v3/klines?${query}`, KLINES_WEIGHT);
      if (!Array.isArray(body)) throw strange(base, "candles");
      return tidy(symbol, interval, body, from, to, now());
    },
  };
}

/** The valid rows of a response, in order, each once. */
function tidy(
  symbol: string,
  interval: Interval,
  rows: readonly unknown[],
  from: number,
  to: number,
  now: number,
): FetchedCandle[] {
  const length = INTERVALS[interval];
  const good = rows.flatMap((row) => {
    if (!isKline(row)) return [];
    const candle = klineToCandle(symbol, row);
    const { openTime } = candle;
    if (openTime < from || openTime > to || openTime + length > now) return [];
    if (invalidReason(candle, length, EARLIEST_MS, to as EpochMs) !== null) return [];
    return [{ ...candle, line: klineToLine(row, "ms") }];
  });
  const byTime = new Map(good.map((candle) => [candle.openTime, candle]));
  return [...byTime.values()].sort((a, b) => a.openTime - b.openTime);
}

async function readJsonBody(answer: Answer): Promise<unknown> {
  const text = (await answer.body(LONGEST_BODY)).toString("utf8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BrokenRequest(
      text.trimStart().startsWith("<") ? "a web page instead of data" : "an incomplete response",
      cause,
    );
  }
}

/** The duration of a ban: from the header, else from the body's text, else the exchange's shortest. */
function banMs(answer: Answer, body: string, now: number): number {
  const until = /until (\d{13})/.exec(body)?.[1];
  return (
    retryAfterMs(answer.headers) ?? (until === undefined ? FIRST_BAN_MS : Math.max(0, Number(until) - now))
  );
}

function blocked(base: string, status: number): CandlebookError {
  return outsideError(
    "blocked_region",
    `${new URL(base).host} refuses requests from here (status ${status}): the exchange does not serve every country.`,
    "Use the public archive (candlebook download), or another address of the exchange: --rest-url.",
  );
}

function refused(url: string, status: number, code: unknown, msg: unknown): CandlebookError {
  const symbol = new URL(url).searchParams.get("symbol");
  if (code === -1121) {
    return inputError(
      "no_such_symbol",
      `The exchange has no symbol ${symbol}.`,
      "Check its spelling: BTCUSDT.",
    );
  }
  const said = typeof msg === "string" ? `: ${msg.slice(0, 200)}` : "";
  return inputError(
    "refused_request",
    `The exchange refused a request (status ${status}, code ${String(code)})${said}`,
    "Check the symbol and the requested days.",
  );
}

function unreachable(base: string, why: string, tries: number): CandlebookError {
  return outsideError(
    "exchange_unreachable",
    `${new URL(base).host} could not be reached (${why})${tries > 1 ? `, ${tries} times` : ""}.`,
    "Complete responses are kept. Run the same command again later: it continues where it stopped.",
  );
}

function strange(base: string, what: string): CandlebookError {
  return outsideError(
    "exchange_unreachable",
    `${new URL(base).host} returned an invalid response to a request for ${what}.`,
    "Check the address: --rest-url.",
  );
}
