import { type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { isOwnRequest, loopbackServer, requestUrl } from "../core/loopbackServer.ts";
import { DAY_MS } from "../time/epoch.ts";
import { MARKET_HEADER, marketHeader } from "../venues/marketHeader.ts";
import { type KlineBook, minuteBook } from "./book.ts";
import { manualClock, type SimulatorClock } from "./clock.ts";
import { type FaultRule, faultPlan } from "./faults.ts";
import { decodedPath, HttpSide, type SimulatorRequest } from "./httpSide.ts";
import { madeUpMarket } from "./madeUpMarket.ts";
import type { ArchiveOptions } from "./simulatedArchive.ts";
import { type StreamOptions, type StreamRequest, Streams } from "./streams.ts";

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

export interface Simulator {
  /** All three on 127.0.0.1, on one port. */
  restUrl: string;
  archiveUrl: string;
  streamUrl: string;
  clock: SimulatorClock;
  /** The latest requests, at least 10,000, refused sockets included. */
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
  const { clock, seed = 1 } = options;
  const book = options.book ?? minuteBook(madeUpMarket({ seed }));
  const faults = faultPlan(options.faults ?? [], seed);
  // Clients must know that the prices are made up: they are never written to a workspace with real ones.
  const madeUp = options.madeUp ?? options.book === undefined;
  const headers: Record<string, string> = madeUp ? { [MARKET_HEADER]: marketHeader(seed) } : {};
  const http = new HttpSide({
    ...{ book, now: clock.now, faults, headers },
    archive: {
      header: options.header ?? false,
      dailyDelayMs: options.dailyDelayMs ?? 6 * 3_600_000,
      monthlyDelayMs: options.monthlyDelayMs ?? 4 * DAY_MS,
    },
    weightLimit: options.weightLimit ?? 6000,
  });
  const streams = new Streams(
    { book, now: clock.now, faults },
    {
      klineEveryMs: options.klineEveryMs ?? 2_000,
      tickerEveryMs: options.tickerEveryMs ?? 1_000,
      pongTimeoutMs: options.pongTimeoutMs ?? Number.POSITIVE_INFINITY,
    },
  );
  const server = loopbackServer((request, response) => http.answer(request, response));
  server.keepAliveTimeout = 1_000;
  const open = openSockets(server);
  const sockets = new WebSocketServer({ noServer: true, autoPong: false, maxPayload: 2 ** 20 });
  sockets.on("headers", (lines) => {
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  });
  server.on("upgrade", (request, socket, head) => {
    const { path, streamRequest } = readUpgrade(request);
    const own = isOwnRequest(server, request);
    const status = !own ? 403 : streams.refuses() ? 503 : streamRequest === null ? 404 : 101;
    http.note({ path, at: clock.now(), status });
    if (streamRequest === null || status !== 101) {
      socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) =>
      connect(streams, streamRequest, clock, { client, socket }),
    );
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
    requests: http.requests,
    sockets: () => streams.size,
    close: async () => {
      stopTicks();
      for (const client of sockets.clients) client.terminate();
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function openSockets(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  });
  return open;
}

/** `/ws/<stream>`, `/ws` and `/stream?streams=`; null for any other path. */
function readUpgrade(request: IncomingMessage) {
  const url = requestUrl(request);
  const { pathname } = url;
  const combined = pathname === "/stream";
  let names: string[] | null = null;
  if (combined) names = (url.searchParams.get("streams") ?? "").split("/");
  else if (pathname === "/ws") names = [];
  else if (pathname.startsWith("/ws/")) names = decodedPath(url).slice("/ws/".length).split("/");
  return { path: pathname + url.search, streamRequest: names && { names, combined } };
}

/** Joins a WebSocket to the streams. */
function connect(
  streams: Streams,
  request: StreamRequest,
  clock: SimulatorClock,
  { client, socket }: { client: WebSocket; socket: Duplex },
): void {
  const connection = streams.connect(
    {
      send: (text) => client.send(text),
      ping: () => client.ping(String(clock.now())),
      backlog: () => client.bufferedAmount,
      close: (code) => client.close(code),
      tear: () => {
        // The head of a text frame that promises 126 bytes and has none.
        socket.write(Buffer.from([0x81, 0x7e, 0x00, 0x7e]));
        socket.destroy();
      },
    },
    request,
  );
  client.on("message", (data) => connection.receive(String(data)));
  client.on("ping", (data) => {
    if (!streams.dead()) client.pong(data);
  });
  client.on("pong", () => connection.pong());
  client.on("close", () => connection.gone());
  client.on("error", () => client.terminate());
}
