import { DAY_MS, type EpochMs } from "../time/epoch.ts";
import { type FixedInterval, floorToInterval, isOpenTime } from "../time/interval.ts";
import { isSimulated, type KlineBook } from "./book.ts";
import type { FaultPlan, StreamFault } from "./faults.ts";
import { klineFrame, tickerFrames } from "./frames.ts";

/** A socket, limited to what the streams use. */
export interface StreamSocket {
  send(text: string): void;
  ping(): void;
  /** Bytes that wait to be sent. */
  backlog(): number;
  close(code: number): void;
  /** Ends it in the middle of a frame. */
  tear(): void;
}

export interface StreamOptions {
  /** Exchange milliseconds between two updates of a kline; the exchange has 2,000. */
  klineEveryMs: number;
  /** Exchange milliseconds between two ticker messages; the exchange has 1,000. */
  tickerEveryMs: number;
  /** Exchange milliseconds without a pong after which a socket is closed; the exchange has 60,000. */
  pongTimeoutMs: number;
}

/** One client's connection. */
export interface Connection {
  receive(text: string): void;
  pong(): void;
  gone(): void;
}

/** Where the streams' messages come from. */
export interface StreamsMarket {
  book: KlineBook;
  now: () => EpochMs;
  faults: FaultPlan;
}

/** What a client subscribes to when it connects; `combined` puts each message in an object with its stream's name. */
export interface StreamRequest {
  names: readonly string[];
  combined: boolean;
}

const PING_EVERY_MS = 20_000;
const LIFETIME_MS = DAY_MS;
const MOST_STREAMS = 1024;
/** A client that is this far behind is disconnected. */
const MOST_BACKLOG = 64 * 2 ** 20;

interface Client {
  socket: StreamSocket;
  names: Set<string>;
  combined: boolean;
  since: EpochMs;
  pinged: EpochMs;
  /** The time of the first unanswered ping. */
  unanswered: EpochMs | null;
  /** Delayed, to be sent after the next one. */
  late: string | null;
}

/**
 * The market streams: `<symbol>@kline_<interval>` at every beat and once more, final, when the interval is over;
 * `<symbol>@ticker`; ping frames every 20 s; each connection ends after 24 h. All times are the exchange's.
 * https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */
export class Streams {
  readonly #market: StreamsMarket;
  readonly #options: StreamOptions;
  readonly #clients = new Set<Client>();
  readonly #ticker: (symbol: string, now: EpochMs) => object | null;
  #last: EpochMs;
  #trouble: StreamFault[] = [];

  constructor(market: StreamsMarket, options: StreamOptions) {
    this.#market = market;
    this.#options = options;
    this.#ticker = tickerFrames(market.book);
    this.#last = market.now();
  }

  /** Number of connections. */
  get size(): number {
    return this.#clients.size;
  }

  refuses(): boolean {
    const { faults, now } = this.#market;
    return faults.stream(now()).some(({ kind }) => kind === "refuse");
  }

  /** Whether nothing leaves the exchange now, no pong either. */
  dead(): boolean {
    return this.#trouble.some(({ kind }) => kind === "dead");
  }

  connect(socket: StreamSocket, { names, combined }: StreamRequest): Connection {
    const { book, now } = this.#market;
    const client: Client = {
      socket,
      names: new Set(names.filter((name) => parseStream(book, name) !== null)),
      combined,
      since: now(),
      pinged: now(),
      unanswered: null,
      late: null,
    };
    this.#clients.add(client);
    return {
      receive: (text) => answerControl(book, client, text),
      pong: () => {
        client.unanswered = null;
      },
      gone: () => this.#clients.delete(client),
    };
  }

  /** Sends what has become due. */
  tick(): void {
    const { faults, now } = this.#market;
    const time = now();
    this.#trouble = faults.stream(time);
    const dead = this.dead();
    if (!dead && !this.#trouble.some(({ kind }) => kind === "silent")) this.#sendDue(time);
    this.#last = time;
    const blow = faults.blow(time);
    for (const client of [...this.#clients]) {
      if (blow === "tear") client.socket.tear();
      else if (blow === "cut") client.socket.close(1001);
      else keepUp(client, time, dead, this.#options.pongTimeoutMs);
    }
  }

  #sendDue(time: EpochMs): void {
    const names = [...new Set([...this.#clients].flatMap((client) => [...client.names]))];
    const due = names.flatMap((name) => this.#beats(name, this.#last, time).map((at) => ({ name, at })));
    due.sort((a, b) => a.at - b.at);
    for (const { name, at } of due) this.#publish(name, at);
  }

  #beats(name: string, from: number, to: number): number[] {
    const { type } = parseStream(this.#market.book, name) as Stream;
    const { tickerEveryMs, klineEveryMs } = this.#options;
    const times = new Set<number>();
    for (const length of type === "ticker" ? [tickerEveryMs] : [klineEveryMs, 60_000]) {
      for (let t = (Math.floor(from / length) + 1) * length; t <= to; t += length) times.add(t);
    }
    return [...times];
  }

  #publish(name: string, time: number): void {
    const listeners = [...this.#clients].filter((client) => client.names.has(name));
    const data = listeners.length === 0 ? null : this.#frameAt(name, time);
    if (data === null) return;
    for (const client of listeners) {
      const text = JSON.stringify(client.combined ? { stream: name, data } : data);
      for (const message of spoil(client, text, this.#trouble, this.#market.faults)) {
        client.socket.send(message);
      }
    }
  }

  #frameAt(name: string, time: number): object | null {
    const { symbol, type } = parseStream(this.#market.book, name) as Stream;
    if (type === "ticker") return this.#ticker(symbol, time as EpochMs);
    const final = isOpenTime(time, type);
    const open = floorToInterval(final ? time - 1 : time, type);
    const kline = this.#market.book.kline(symbol, type, open, time as EpochMs);
    if (kline === null) return null;
    return klineFrame({ symbol, interval: type, kline, final, eventTime: time + delay(time) });
  }
}

/**
 * A message is sent some milliseconds after its time; the delay depends only on the time, so that a run is
 * repeatable.
 */
const delay = (time: number) => 3 + ((time / 1000) % 37);

function keepUp(client: Client, time: EpochMs, dead: boolean, pongTimeoutMs: number): void {
  const tooLong = client.unanswered !== null && time - client.unanswered > pongTimeoutMs;
  if (tooLong || time - client.since >= LIFETIME_MS || client.socket.backlog() > MOST_BACKLOG) {
    client.socket.close(1008);
    return;
  }
  if (dead || time - client.pinged < PING_EVERY_MS) return;
  client.pinged = time;
  client.unanswered ??= time;
  client.socket.ping();
}

/** The messages sent instead of a message, by the active faults. */
function spoil(client: Client, text: string, trouble: readonly StreamFault[], faults: FaultPlan): string[] {
  let out = [text];
  for (const fault of trouble) {
    if (!("share" in fault) || faults.random.uniform() >= fault.share) continue;
    if (fault.kind === "reorder" && client.late === null && out.length > 0) {
      client.late = out.pop() as string;
      return out;
    }
    out = damaged(out, fault.kind);
  }
  if (client.late !== null && out.length > 0) {
    out.push(client.late);
    client.late = null;
  }
  return out;
}

function damaged(messages: string[], kind: StreamFault["kind"]): string[] {
  if (kind === "lose") return [];
  if (kind === "duplicate") return messages.flatMap((message) => [message, message]);
  if (kind === "garble") return messages.map((message) => message.slice(0, message.length / 2));
  if (kind === "unknown") return ['{"e":"newEvent","E":1,"z":[]}', ...messages];
  return messages;
}

interface Stream {
  symbol: string;
  type: FixedInterval | "ticker";
}

/** Parses a stream's name; null if the exchange has no such stream (it then sends nothing). */
function parseStream(book: KlineBook, name: string): Stream | null {
  const [lower, type, ...rest] = name.split("@");
  const symbol = lower.toUpperCase();
  if (rest.length > 0 || lower !== lower.toLowerCase() || !book.symbols.includes(symbol)) return null;
  if (type === "ticker") return { symbol, type };
  const interval = type?.startsWith("kline_") ? type.slice("kline_".length) : "";
  return isSimulated(interval) ? { symbol, type: interval } : null;
}

/** SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS; anything else is refused in the exchange's words. */
function answerControl(book: KlineBook, client: Client, text: string): void {
  const reply = (value: object) => client.socket.send(JSON.stringify(value));
  let request: { method?: unknown; params?: unknown; id?: unknown } | null;
  try {
    request = JSON.parse(text);
  } catch {
    reply({ error: { code: 3, msg: "Invalid JSON: expected value at line 1 column 1" } });
    return;
  }
  const { method, params, id = null } = request ?? {};
  const names = (Array.isArray(params) ? params : []).map(String);
  if (method === "LIST_SUBSCRIPTIONS") reply({ result: [...client.names], id });
  else if (changeNames(book, client, method, names)) reply({ result: null, id });
  else {
    const msg = `Invalid request: unknown variant ${JSON.stringify(method ?? null)}`;
    reply({ error: { code: 2, msg }, id });
  }
}

/** @returns false where the method is another one, or a connection would have too many streams */
function changeNames(book: KlineBook, client: Client, method: unknown, names: readonly string[]): boolean {
  if (method === "UNSUBSCRIBE") for (const name of names) client.names.delete(name);
  else if (method === "SUBSCRIBE" && client.names.size + names.length <= MOST_STREAMS) {
    for (const name of names) if (parseStream(book, name) !== null) client.names.add(name);
  } else return false;
  return true;
}
