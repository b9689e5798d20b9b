import type { Candle } from "../../candle/candle.ts";
import { invalidReason } from "../../candle/validity.ts";
import { type CandlebookError, inputError, outsideError } from "../../core/errors.ts";
import { EARLIEST_MS, type EpochMs, MINUTE_MS } from "../../time/epoch.ts";
import { type Answer, ask, BrokenRequest, refuseRedirect, retryAfterMs } from "../http.ts";
import { refuseOtherMarket } from "../marketHeader.ts";
import { Retries } from "../retries.ts";
import type { FetchedCandle, Rest, RestOptions } from "../venue.ts";
import { INTERVALS, type Interval } from "../venueInterval.ts";
import { isKline, klineToCandle, klineToLine } from "./kline.ts";

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits */
const WEIGHT_LIMIT = 6000;
/** Requests stay below this share of the limit: others may use the same address. */
const OUR_SHARE = 0.8;
export const KLINES_WEIGHT = 2;
export const KLINES_LIMIT = 1000;
const LONGEST_BODY = 8 * 2 ** 20;
const FIRST_BAN_MS = 2 * MINUTE_MS;

/**
 * A client that stays below 80 % of the weight limit, waits as the exchange instructs, retries failed requests, and
 * sends none during a ban. If its first request finds no network, it does not retry. Every method throws
 * CandlebookError: `banned`, `blocked_region`, `redirected`, `exchange_unreachable` (exit 3), `refused_request`,
 * `mixed_markets` (exit 2), `interrupted`.
 */
export function restClient(options: RestOptions): Rest {
  return new RestClient(options);
}

class RestClient implements Rest {
  readonly #options: RestOptions;
  readonly #retries: Retries;
  /** Weight used in a minute of the exchange's clock. */
  #used = { minute: 0, weight: 0 };
  /** The exchange's clock minus ours; its time decides. */
  #offset = 0;

  constructor(options: RestOptions) {
    const { network, signal, onWait, base } = options;
    this.#options = options;
    this.#retries = new Retries({
      ...{ network, signal, onWait },
      unreachable: (why, tries) => unreachable(base, why, tries),
    });
  }

  async time(): Promise<EpochMs> {
    const body = (await this.#get("/api/v3/time", 1)) as { serverTime?: unknown };
    if (!Number.isSafeInteger(body.serverTime)) throw strange(this.#options.base, "the time");
    this.#offset = (body.serverTime as number) - this.#options.network.now();
    return body.serverTime as EpochMs;
  }

  async symbols(): Promise<string[]> {
    const body = (await this.#get("/api/v3/exchangeInfo", 20)) as { symbols?: unknown };
    if (!Array.isArray(body.symbols)) throw strange(this.#options.base, "its symbols");
    return body.symbols.map((entry) => String((entry as { symbol?: unknown }).symbol));
  }

  async candles(symbol: string, interval: Interval, from: EpochMs, to: EpochMs): Promise<FetchedCandle[]> {
    const query = new URLSearchParams({
      symbol,
      interval,
      startTime: String(from),
      endTime: String(to),
      limit: String(KLINES_LIMIT),
    });
    const body = await this.#get(`/api/v3/klines?${query}`, KLINES_WEIGHT);
    if (!Array.isArray(body)) throw strange(this.#options.base, "candles");
    const length = INTERVALS[interval];
    const now = this.#now();
    return tidy(
      symbol,
      length,
      body,
      ({ openTime }) => openTime >= from && openTime <= to && openTime + length <= now,
    );
  }

  #now(): number {
    return this.#options.network.now() + this.#offset;
  }

  async #get(path: string, weight: number): Promise<unknown> {
    const { base, network, bans, signal, market, onRequest } = this.#options;
    const url = `${base}${path}`;
    await bans.check(base, network.now());
    return this.#retries.run(
      async () => {
        await this.#makeRoom(weight);
        onRequest?.();
        return ask(url, network, { signal });
      },
      async (answer) => {
        refuseOtherMarket(url, answer.headers, await market());
        const told = Number(answer.headers.get("x-mbx-used-weight-1m") ?? Number.NaN);
        this.#used.weight = Number.isFinite(told) ? told : this.#used.weight + weight;
        if (answer.status === 200) return { result: await readJsonBody(answer) };
        await this.#refuse(answer, url);
        if (answer.status !== 429) return { why: `status ${answer.status}` };
        return { why: "status 429, too many requests", waitMs: retryAfterMs(answer.headers) };
      },
    );
  }

  /** Waits for the next minute where this one has no weight left. */
  async #makeRoom(weight: number): Promise<void> {
    const { network, signal, onWait } = this.#options;
    const now = this.#now();
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#used.minute) this.#used = { minute, weight: 0 };
    if (this.#used.weight + weight <= OUR_SHARE * WEIGHT_LIMIT) return;
    const waitMs = (minute + 1) * MINUTE_MS - now;
    onWait?.(waitMs, "the weight limit");
    await network.wait(waitMs, signal);
    this.#used = { minute: minute + 1, weight: 0 };
  }

  /** Throws where asking again can't help. */
  async #refuse(answer: Answer, url: string): Promise<void> {
    const { base, network, bans } = this.#options;
    const { status } = answer;
    refuseRedirect(url, answer);
    if (status === 418) {
      const body = await answer.body(LONGEST_BODY).catch(() => Buffer.alloc(0));
      throw await bans.add(base, network.now() + banMs(answer, body.toString(), this.#now()));
    }
    if (status === 403 || status === 451) throw blocked(base, status);
    if (status >= 400 && status < 500 && status !== 429 && status !== 408) {
      const body = await readJsonBody(answer).catch(() => ({}));
      const { code, msg } = body as { code?: unknown; msg?: unknown };
      throw refused(url, status, code, msg);
    }
    await answer.body(LONGEST_BODY).catch(() => undefined);
  }
}

/** The rows of an answer that are valid candles of a length in milliseconds and wanted, in order, each once. */
function tidy(
  symbol: string,
  length: number,
  rows: readonly unknown[],
  wanted: (candle: Candle) => boolean,
): FetchedCandle[] {
  const good = rows.flatMap((row) => {
    if (!isKline(row)) return [];
    const candle = klineToCandle(symbol, row);
    if (!wanted(candle) || invalidReason(candle, length, EARLIEST_MS, candle.openTime) !== null) return [];
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
