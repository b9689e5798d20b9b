import { type CandlebookError, inputError, outsideError } from "../../core/errors.ts";
import { EARLIEST_MS, type EpochMs, MINUTE_MS } from "../../time/epoch.ts";
import type { FixedInterval } from "../../time/interval.ts";
import { type Answer, ask, BrokenRequest, InvalidAnswer, refuseRedirect, retryAfterMs } from "../http.ts";
import { refuseOtherMarket } from "../marketHeader.ts";
import { LONGEST_WAIT_MS, Retries } from "../retries.ts";
import type { FetchedCandle, Rest, RestOptions } from "../venue.ts";
import { readPage } from "./klinePage.ts";

/** https://developers.binance.com/docs/binance-spot-api-docs/rest-api/limits */
const WEIGHT_LIMIT = 6000;
/** Requests stay below this share of the limit: others may use the same address. */
const OUR_SHARE = 0.8;
export const KLINES_WEIGHT = 2;
export const KLINES_LIMIT = 1000;
const LONGEST_BODY = 8 * 2 ** 20;
/** No clock of an exchange is beyond it. */
const LATEST_MS = Date.UTC(2100, 0);

/**
 * A client that stays below 80 % of the weight limit, waits as the exchange instructs, retries failed requests, and
 * sends none during a ban. If its first request finds no network, it does not retry. Every method throws
 * CandlebookError: `banned`, `blocked_region`, `redirected`, `exchange_unreachable`, `invalid_answer` (exit 3),
 * `refused_request`, `mixed_markets` (exit 2), `interrupted`.
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
      unreachable: (why, tries, cause) =>
        cause instanceof InvalidAnswer ? invalid(base, why) : unreachable(base, why, tries),
    });
  }

  async time(): Promise<EpochMs> {
    const time = await this.#get("/api/v3/time", 1, (body) => {
      const { serverTime } = (body ?? {}) as { serverTime?: unknown };
      const valid = Number.isSafeInteger(serverTime) && (serverTime as number) >= EARLIEST_MS;
      if (valid && (serverTime as number) < LATEST_MS) return serverTime as EpochMs;
      throw new InvalidAnswer("its time is not an instant");
    });
    this.#offset = time - this.#options.network.now();
    return time;
  }

  async symbols(): Promise<string[]> {
    return this.#get("/api/v3/exchangeInfo", 20, (body) => {
      const { symbols } = (body ?? {}) as { symbols?: unknown };
      if (!Array.isArray(symbols)) throw new InvalidAnswer("it has no list of symbols");
      return symbols.map((entry) => String((entry as { symbol?: unknown } | null)?.symbol));
    });
  }

  async candles(
    symbol: string,
    interval: FixedInterval,
    from: EpochMs,
    to: EpochMs,
  ): Promise<FetchedCandle[]> {
    const query = new URLSearchParams({
      symbol,
      interval,
      startTime: String(from),
      endTime: String(to),
      limit: String(KLINES_LIMIT),
    });
    return this.#get(`/api/v3/klines?${query}`, KLINES_WEIGHT, (body) =>
      readPage(body, { symbol, interval, from, to, now: this.#now() }),
    );
  }

  #now(): number {
    return this.#options.network.now() + this.#offset;
  }

  /** @param parse throws InvalidAnswer */
  async #get<Result>(path: string, weight: number, parse: (body: unknown) => Result): Promise<Result> {
    const { base, network, bans, signal, market, onRequest } = this.#options;
    const url = `${base}${path}`;
    await bans.check(base, network.now());
    return this.#retries.run<Result>(
      async () => {
        await this.#makeRoom(weight);
        onRequest?.();
        return ask(url, network, { signal });
      },
      async (answer) => {
        refuseOtherMarket(url, answer.headers, await market());
        const told = Number(answer.headers.get("x-mbx-used-weight-1m") ?? Number.NaN);
        this.#used.weight = told >= 0 ? told : this.#used.weight + weight;
        if (answer.status === 200) return { result: parse(await readJsonBody(answer)) };
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
      const now = network.now();
      throw await bans.add(base, now + banMs(answer, body.toString(), this.#now()), now);
    }
    const waitMs = status === 429 ? retryAfterMs(answer.headers) : null;
    if (waitMs !== null && waitMs > LONGEST_WAIT_MS) {
      throw await bans.add(base, network.now() + waitMs, network.now());
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

/** The duration of a ban: from the header, else from the body's text, else 0. */
function banMs(answer: Answer, body: string, now: number): number {
  const until = /until (\d{13})/.exec(body)?.[1];
  return retryAfterMs(answer.headers) ?? (until === undefined ? 0 : Number(until) - now);
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

function invalid(base: string, what: string): CandlebookError {
  return outsideError(
    "invalid_answer",
    `${new URL(base).host} returned an invalid answer, again and again: ${what}. Nothing of it was stored.`,
    "Check the address (--rest-url), or run the same command again later: what is missing is requested again.",
  );
}
