import type { IncomingMessage, ServerResponse } from "node:http";
import { requestUrl } from "../core/loopbackServer.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { Kline } from "../venues/binance/kline.ts";
import { isSimulated, type KlineBook } from "./book.ts";
import type { FaultPlan, HttpFault } from "./faults.ts";
import { type ArchiveOptions, makeArchive } from "./simulatedArchive.ts";
import { answerRest } from "./simulatedRest.ts";
import { weightCounter } from "./weight.ts";

/** One request as it came in. */
export interface SimulatorRequest {
  /** Path with query. */
  path: string;
  at: EpochMs;
  /** What was answered; 0 where the connection was broken instead. */
  status: number;
}

export interface HttpOptions {
  book: KlineBook;
  now: () => EpochMs;
  faults: FaultPlan;
  archive: ArchiveOptions;
  /** Request weight a minute. */
  weightLimit: number;
  /** Of every answer. */
  headers: Record<string, string>;
}

/** A simulator may run for days. */
const MOST_NOTED = 10_000;

/** REST under `/api/`, the archive elsewhere. */
export class HttpSide {
  /** The latest requests, at least 10,000. */
  readonly requests: SimulatorRequest[] = [];
  readonly #options: HttpOptions;
  readonly #archive: ReturnType<typeof makeArchive>;
  readonly #admit: ReturnType<typeof weightCounter>;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#archive = makeArchive(options.book, options.archive);
    this.#admit = weightCounter(options.weightLimit);
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const url = requestUrl(request);
    const now = this.#options.now();
    const path = url.pathname + url.search;
    const side = url.pathname.startsWith("/api/") ? "rest" : "archive";
    const fault = this.#options.faults.http(side, path, now);
    const entry = { path, at: now, status: 0 };
    this.note(entry);
    if (fault?.kind === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === "silence") return;
    const reply =
      side === "rest"
        ? this.#restReply(url, now, fault)
        : fileReply(this.#archive(decodedPath(url), now, fault), fault);
    entry.status = reply.status;
    const headers = { ...reply.headers, ...this.#options.headers };
    send(request, response, { ...reply, headers }, fault);
  }

  note(request: SimulatorRequest): void {
    this.requests.push(request);
    if (this.requests.length > 2 * MOST_NOTED) this.requests.splice(0, MOST_NOTED);
  }

  #restReply(url: URL, now: EpochMs, fault: HttpFault | null): Reply {
    const { book, weightLimit } = this.#options;
    const state = { book, weightLimit, admit: this.#admit, now };
    const known = answerRest(state, url.pathname, url.searchParams);
    if (known === null) return { status: 404, headers: HTML, body: Buffer.from(NOT_FOUND) };
    const { status, headers, body } = known;
    const value =
      status === 200 && url.pathname.endsWith("/klines")
        ? spoilKlines(body as Kline[], url.searchParams, { book, now }, fault)
        : body;
    const type = { "content-type": "application/json;charset=UTF-8" };
    const reply = { status, headers: { ...type, ...headers }, body: Buffer.from(JSON.stringify(value)) };
    return faulty(reply, fault, now);
  }
}

interface Reply {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

const HTML = { "content-type": "text/html" };
const NOT_FOUND = "<html><body><h2>404 Not found</h2></body></html>";
const PAGE = "<!DOCTYPE html><html><head><title>Just a moment…</title></head><body></body></html>";
const NO_KEY =
  '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>';

/** The path with its letters, or as it was sent where its escapes are none. */
export function decodedPath(url: URL): string {
  try {
    return decodeURI(url.pathname);
  } catch {
    return url.pathname;
  }
}

function fileReply(file: Uint8Array | null, fault: HttpFault | null): Reply {
  if (file === null) {
    const headers = { "content-type": "application/xml" };
    return { status: 404, headers, body: Buffer.from(NO_KEY) };
  }
  const headers = { "content-type": "binary/octet-stream" };
  return faulty({ status: 200, headers, body: file }, fault, 0);
}

/** The answer with what a fault makes of its status, headers or bytes. */
function faulty(reply: Reply, fault: HttpFault | null, now: number): Reply {
  const { headers, body } = reply;
  if (fault?.kind === "status") {
    const retry: Record<string, string> =
      fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
    const until = now + 1000 * (fault.retryAfter ?? 0);
    const msg =
      fault.status === 418 ? `Way too much request weight used; IP banned until ${until}.` : "Refused.";
    const answer = { code: -1003, msg };
    return {
      status: fault.status,
      headers: { ...headers, ...retry },
      body: Buffer.from(JSON.stringify(answer)),
    };
  }
  if (fault?.kind === "html") return { status: 200, headers: HTML, body: Buffer.from(PAGE) };
  if (fault?.kind === "redirect") {
    return { status: 302, headers: { location: fault.to }, body: new Uint8Array() };
  }
  if (fault?.kind === "corrupt") {
    const spoiled = Uint8Array.from(body);
    const at = Math.min(spoiled.length - 1, Math.floor(fault.share * spoiled.length));
    spoiled[at] ^= 0x15;
    return { ...reply, body: spoiled };
  }
  return reply;
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  fault: HttpFault | null,
): void {
  const { status, headers, body } = reply;
  response.writeHead(status, { ...headers, "content-length": String(body.length) });
  if (request.method === "HEAD") response.end();
  else if (fault?.kind === "truncate") {
    response.write(body.subarray(0, Math.floor(fault.share * body.length)), () => request.socket.destroy());
  } else if (fault?.kind === "drip") drip(response, body, fault.pauseMs);
  else response.end(body);
}

function drip(response: ServerResponse, body: Uint8Array, pauseMs: number): void {
  const step = Math.max(1, Math.ceil(body.length / 50));
  let sent = 0;
  const timer = setInterval(() => {
    if (response.destroyed || sent >= body.length) {
      clearInterval(timer);
      response.end();
      return;
    }
    response.write(body.subarray(sent, sent + step));
    sent += step;
  }, pauseMs);
}

/** Klines as a confused exchange sends them. */
function spoilKlines(
  klines: readonly Kline[],
  query: URLSearchParams,
  { book, now }: { book: KlineBook; now: EpochMs },
  fault: HttpFault | null,
): readonly Kline[] {
  if (fault?.kind === "empty") return [];
  if (fault?.kind === "unsorted") return klines.toReversed();
  if (fault?.kind === "doubled") return klines.flatMap((kline) => [kline, kline]).slice(0, 1000);
  if (fault?.kind !== "overlap" || klines.length === 0) return klines;
  const interval = query.get("interval") ?? "";
  const symbol = query.get("symbol") ?? "";
  const length = klines[0][6] + 1 - klines[0][0];
  const before = isSimulated(interval)
    ? [3, 2, 1].map((n) => book.kline(symbol, interval, (klines[0][0] - n * length) as EpochMs, now))
    : [];
  return [...before.filter((kline) => kline !== null), ...klines].slice(0, 1000);
}
