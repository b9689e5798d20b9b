import { parseLine } from "../core/files.ts";
import type { EpochMs } from "../time/epoch.ts";
import { isSimulated, type KlineBook, type KlineQuery, selectKlines } from "./book.ts";
import { exchangeInfo } from "./exchangeInfo.ts";
import type { Verdict } from "./weight.ts";

/** A response before faults: a status, headers, a JSON value. */
export interface RestAnswer {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** The state of the REST API. */
export interface RestState {
  book: KlineBook;
  now: EpochMs;
  /** Request weight per minute, as in exchangeInfo. */
  weightLimit: number;
  admit(weight: number, now: EpochMs): Verdict;
}

/** A refusal in the exchange's own words: https://github.com/binance/binance-spot-api-docs/blob/master/errors.md */
class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

interface Route {
  weight: number;
  parameters: readonly string[];
  answer(state: RestState, query: URLSearchParams): unknown;
}

const ROUTES: Record<string, Route> = {
  "/api/v3/ping": { weight: 1, parameters: [], answer: () => ({}) },
  "/api/v3/time": { weight: 1, parameters: [], answer: ({ now }) => ({ serverTime: now }) },
  "/api/v3/exchangeInfo": {
    weight: 20,
    parameters: ["symbol", "symbols"],
    answer: ({ book, now, weightLimit }, query) => exchangeInfo(askedSymbols(book, query), now, weightLimit),
  },
  "/api/v3/klines": {
    weight: 2,
    parameters: ["symbol", "interval", "startTime", "endTime", "limit"],
    answer: ({ book, now }, query) => selectKlines(book, klineQuery(book, query), now),
  },
};

/** Responds to one request; null if the exchange has no such route. */
export function answerRest(state: RestState, path: string, query: URLSearchParams): RestAnswer | null {
  const route = ROUTES[path];
  if (route === undefined) return null;
  const verdict = state.admit(route.weight, state.now);
  const headers: Record<string, string> = {
    "x-mbx-used-weight": String(verdict.used),
    "x-mbx-used-weight-1m": String(verdict.used),
  };
  if (!verdict.admitted) {
    headers["retry-after"] = String(verdict.retryAfter);
    const msg = verdict.status === 429 ? tooMuch(state.weightLimit) : banned(verdict.until);
    return { status: verdict.status, headers, body: { code: -1003, msg } };
  }
  try {
    const unread = [...query.keys()].filter((name) => !route.parameters.includes(name)).length;
    if (unread > 0) {
      const sent = [...query.keys()].length;
      const message = `Not all sent parameters were read; read '${sent - unread}' parameter(s) but was sent '${sent}'.`;
      throw new Refusal(-1104, message);
    }
    return { status: 200, headers, body: route.answer(state, query) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: 400, headers, body: { code: error.code, msg: error.message } };
  }
}

/** The body of a 429. */
export function tooMuch(limit: number): string {
  return (
    `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. ` +
    "Please use WebSocket Streams for live updates to avoid polling the API."
  );
}

/** The body of a 418. */
export function banned(until: number): string {
  return (
    `Way too much request weight used; IP banned until ${until}. ` +
    "Please use WebSocket Streams for live updates to avoid bans."
  );
}

const SYMBOL_FORM = "^[A-Z0-9-_.]{1,20}$";
const NUMBER_FORM = "^[0-9]{1,20}$";

function mandatory(query: URLSearchParams, name: string): string {
  const value = query.get(name);
  if (value === null || value === "") {
    throw new Refusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
  }
  return value;
}

function legal(name: string, value: string, form: string): string {
  if (new RegExp(form).test(value)) return value;
  throw new Refusal(-1100, `Illegal characters found in parameter '${name}'; legal range is '${form}'.`);
}

function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  if (value === "") throw new Refusal(-1105, `Parameter '${name}' was empty.`);
  return Number(legal(name, value, NUMBER_FORM));
}

function knownSymbol(book: KlineBook, symbol: string): string {
  if (book.symbols.includes(symbol)) return symbol;
  legal("symbol", symbol, SYMBOL_FORM);
  throw new Refusal(-1121, "Invalid symbol.");
}

function klineQuery(book: KlineBook, query: URLSearchParams): KlineQuery {
  const symbol = knownSymbol(book, mandatory(query, "symbol"));
  const interval = mandatory(query, "interval");
  if (!isSimulated(interval)) throw new Refusal(-1120, "Invalid interval.");
  const limit = wholeNumber(query, "limit") ?? 500;
  if (limit < 1) throw new Refusal(-1130, "Data sent for parameter 'limit' is not valid.");
  return {
    symbol,
    interval,
    startTime: wholeNumber(query, "startTime"),
    endTime: wholeNumber(query, "endTime"),
    limit: Math.min(limit, 1000),
  };
}

function askedSymbols(book: KlineBook, query: URLSearchParams): readonly string[] {
  const one = query.get("symbol");
  if (one !== null) return [knownSymbol(book, one)];
  const many = query.get("symbols");
  if (many === null) return book.symbols;
  const list = parseLine(many);
  if (!Array.isArray(list) || list.length === 0) {
    throw new Refusal(
      -1100,
      `Illegal characters found in parameter 'symbols'; legal range is '^\\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}\\]$'.`,
    );
  }
  return list.map((symbol) => knownSymbol(book, String(symbol)));
}
