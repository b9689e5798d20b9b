import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";
import type { EpochMs } from "../time/epoch.ts";
import type { Kline } from "../venues/binance/kline.ts";
import { isInterval } from "../venues/interval.ts";
import { MARKET_HEADER, marketHeader } from "../venues/market.ts";
import { type ArchiveOptions, makeArchive } from "./archive.ts";
import { type KlineBook, minuteBook } from "./book.ts";
import { manualClock, type SimulatorClock } from "./clock.ts";
import { type FaultRule, faultPlan, type HttpFault } from "./faults.ts";
import { madeUpMarket } from "./market.ts";
import { answerRest } from "./rest.ts";
import { makeStreams, type StreamOptions } from "./streams.ts";
import { weightCounter } from "./weight.ts";

export interface SimulatorOptions extends Partial<ArchiveOptions>, Partial<StreamOptions> {
  /** Default: the simulated market of `seed`. */
  book?: KlineBook;
  /** Seed of the simulated market, and of random faults. */
  seed?: number;
  /**
   * Whether the prices are simulated; default: without a book. Every response is marked, and each stream when it
   * opens.
   */
  madeUp?: boolean;
  clock: SimulatorClock;
  faults?: readonly FaultRule[];
  /** Request weight a minute; the exchange has 6,000. */
  weightLimit?: number;
  /** Default: a free one. */
  port?: number;
}

/** One received request. */
export interface SimulatorRequest {
  /** Path with query. */
  path: string;
  at: EpochMs;
  /** The status of the response; 0 if the connection was broken instead. */
  status: number;
}

export interface Simulator {
  /** All three on 127.0.0.1, on one port. */
  restUrl: string;
  archiveUrl: string;
  streamUrl: string;
  clock: SimulatorClock;
  /** Every request so far, refused sockets included. */
  requests: SimulatorRequest[];
  /** Open sockets. */
  sockets(): number;
  close(): Promise<void>;
}

/** A clock at an instant for `startSimulator`, moved by `advance(ms)`. */
export { manualClock };

/**
 * Starts the simulated exchange: REST, archive and WebSocket streams, as documented by the exchange, on
 * 127.0.0.1.
 * @throws CandlebookError `bad_faults`
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { clock, seed = 1, weightLimit = 6000 } = options;
  const book = options.book ?? minuteBook(madeUpMarket({ seed }));
  const faults = faultPlan(options.faults ?? [], seed);
  const archive = makeArchive(book, {
    header: options.header ?? false,
    dailyDelayMs: options.dailyDelayMs ?? 6 * 3_600_000,
    monthlyDelayMs: options.monthlyDelayMs ?? 4 * 86_400_000,
  });
  const streams = makeStreams(book, clock.now, faults, {
    klineEveryMs: options.klineEveryMs ?? 2_000,
    tickerEveryMs: options.tickerEveryMs ?? 1_000,
    pongTimeoutMs: options.pongTimeoutMs ?? Number.POSITIVE_INFINITY,
  });
  const state = { book, weightLimit, admit: weightCounter(weightLimit) };
  const requests: SimulatorRequest[] = [];

  // Clients must know that the prices are simulated: they are never written to a workspace with real ones.
  const madeUp = options.madeUp ?? options.book === undefined;
  const market: Record<string, string> = madeUp ? { [MARKET_HEADER]: marketHeader(seed) } : {};

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const now = clock.now();
    const path = url.pathname + url.search;
    const side = url.pathname.startsWith("/api/") ? "rest" : "archive";
    const fault = faults.http(side, path, now);
    const entry = { path, at: now, status: 0 };
    requests.push(entry);
    if (fault?.kind === "reset") {
      request.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === "silence") return;
    const reply =
      side === "rest" ? restReply(url, now, fault) : fileReply(archive(decodedPath(url), now, fault), fault);
    entry.status = reply.status;
    send(request, response, { ...reply, headers: { ...reply.headers, ...market } }, fault);
  };
  const restReply = (url: URL, now: EpochMs, fault: HttpFault | null): Reply => {
    const known = answerRest({ ...state, now }, url.pathname, url.searchParams);
    if (known === null) return { status: 404, headers: HTML, body: Buffer.from(NOT_FOUND) };
    const { status, headers } = known;
    const value = status === 200 ? spoilKlines(book, url, known.body, now, fault) : known.body;
    const type = { "content-type": "application/json;charset=UTF-8" };
    return faulty(
      { status, headers: { ...type, ...headers }, body: Buffer.from(JSON.stringify(value)) },
      fault,
      now,
    );
  };

  const server = createServer(answer);
  server.keepAliveTimeout = 1_000;
  const sockets = new WebSocketServer({ noServer: true, autoPong: false, maxPayload: 2 ** 20 });
  sockets.on("headers", (headers) => {
    for (const [name, value] of Object.entries(market)) headers.push(`${name}: ${value}`);
  });
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const names = streamNames(url);
    const status = streams.refuses() ? 503 : names === null ? 404 : 101;
    requests.push({ path: url.pathname + url.search, at: clock.now(), status });
    if (names === null || status !== 101) {
      socket.end(`HTTP/1.1 ${status} ${status === 503 ? "Service Unavailable" : "Not Found"}\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      const connection = streams.connect(
        {
          send: (text) => client.send(text),
          ping: () => client.ping(String(clock.now())),
          backlog: () => client.bufferedAmount,
          close: (code) => client.close(code),
          tear: () => {
            // The head of a text frame that states 126 bytes and has none.
            socket.write(Buffer.from([0x81, 0x7e, 0x00, 0x7e]));
            socket.destroy();
          },
        },
        names,
        url.pathname === "/stream",
      );
      client.on("message", (data) => connection.receive(String(data)));
      client.on("ping", (data) => {
        if (!streams.dead()) client.pong(data);
      });
      client.on("pong", () => connection.pong());
      client.on("close", () => connection.gone());
      client.on("error", () => client.terminate());
    });
  });
  const stopTicks = clock.onTick(() => streams.tick());
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    restUrl: `http://127.0.0.1:${port}`,
    archiveUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}`,
    clock,
    requests,
    sockets: () => streams.size,
    close: async () => {
      stopTicks();
      for (const client of sockets.clients) client.terminate();
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
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

/** The decoded path, or the raw one if its escapes are invalid. */
function decodedPath(url: URL): string {
  try {
    return decodeURI(url.pathname);
  } catch {
    return url.pathname;
  }
}

/** `/ws/<stream>`, `/ws` and `/stream?streams=`; null for any other path. */
function streamNames(url: URL): string[] | null {
  if (url.pathname === "/stream") return (url.searchParams.get("streams") ?? "").split("/");
  if (url.pathname === "/ws") return [];
  return url.pathname.startsWith("/ws/") ? decodedPath(url).slice("/ws/".length).split("/") : null;
}

function fileReply(file: Uint8Array | null, fault: HttpFault | null): Reply {
  if (file === null) {
    const headers = { "content-type": "application/xml" };
    return { status: 404, headers, body: Buffer.from(NO_KEY) };
  }
  const headers = { "content-type": "binary/octet-stream" };
  return faulty({ status: 200, headers, body: file }, fault, 0);
}

/** The response with a fault applied to its status, headers or bytes. */
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

/** Klines with a fault of the exchange. */
function spoilKlines(
  book: KlineBook,
  url: URL,
  body: unknown,
  now: EpochMs,
  fault: HttpFault | null,
): unknown {
  if (!url.pathname.endsWith("/klines")) return body;
  const klines = body as Kline[];
  if (fault?.kind === "empty") return [];
  if (fault?.kind === "unsorted") return klines.toReversed();
  if (fault?.kind === "doubled") return klines.flatMap((kline) => [kline, kline]).slice(0, 1000);
  if (fault?.kind !== "overlap" || klines.length === 0) return body;
  const interval = url.searchParams.get("interval") ?? "";
  const symbol = url.searchParams.get("symbol") ?? "";
  const length = klines[0][6] + 1 - klines[0][0];
  const before = isInterval(interval)
    ? [3, 2, 1].map((n) => book.kline(symbol, interval, (klines[0][0] - n * length) as EpochMs, now))
    : [];
  return [...before.filter((kline) => kline !== null), ...klines].slice(0, 1000);
}
