import { DAY_MS, type EpochMs } from "../time/epoch.ts";
import { INTERVALS, type Interval, isInterval } from "../venues/interval.ts";
import type { KlineBook } from "./book.ts";
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

/** All connections; `tick` sends messages that are due. */
export interface Streams {
  connect(socket: StreamSocket, names: readonly string[], combined: boolean): Connection;
  tick(): void;
  refuses(): boolean;
  /** Whether the exchange sends nothing now, not even a pong. */
  dead(): boolean;
  readonly size: number;
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
export function makeStreams(
  book: KlineBook,
  now: () => EpochMs,
  faults: FaultPlan,
  options: StreamOptions,
): Streams {
  const clients = new Set<Client>();
  const ticker = tickerFrames(book);
  let last = now();
  let trouble: StreamFault[] = [];

  const deliver = (client: Client, name: string, data: object) => {
    const text = JSON.stringify(client.combined ? { stream: name, data } : data);
    for (const message of spoil(client, text, trouble, faults)) client.socket.send(message);
  };
  const publish = (name: string, frame: () => object | null) => {
    const listeners = [...clients].filter((client) => client.names.has(name));
    const data = listeners.length === 0 ? null : frame();
    if (data !== null) for (const client of listeners) deliver(client, name, data);
  };
  const beats = (name: string, from: number, to: number): number[] => {
    const { type } = parseStream(book, name) as Stream;
    const step = type === "ticker" ? options.tickerEveryMs : options.klineEveryMs;
    const steps = type === "ticker" ? [step] : [step, 60_000];
    const times = new Set<number>();
    for (const length of steps) {
      for (let t = (Math.floor(from / length) + 1) * length; t <= to; t += length) times.add(t);
    }
    return [...times];
  };
  const frameAt = (name: string, time: number): object | null => {
    const { symbol, type } = parseStream(book, name) as Stream;
    if (type === "ticker") return ticker(symbol, time as EpochMs);
    const length = INTERVALS[type];
    const final = time % length === 0;
    const open = (final ? time - length : Math.floor(time / length) * length) as EpochMs;
    const kline = book.kline(symbol, type, open, time as EpochMs);
    return kline === null ? null : klineFrame(symbol, type, kline, final, time + delay(time));
  };

  return {
    get size() {
      return clients.size;
    },
    refuses: () => faults.stream(now()).some(({ kind }) => kind === "refuse"),
    dead: () => trouble.some(({ kind }) => kind === "dead"),
    connect: (socket, names, combined) => {
      const client: Client = {
        socket,
        names: new Set(names.filter((name) => parseStream(book, name) !== null)),
        combined,
        since: now(),
        pinged: now(),
        unanswered: null,
        late: null,
      };
      clients.add(client);
      return {
        receive: (text) => answerControl(book, client, text),
        pong: () => {
          client.unanswered = null;
        },
        gone: () => clients.delete(client),
      };
    },
    tick: () => {
      const time = now();
      trouble = faults.stream(time);
      const kinds = new Set(trouble.map(({ kind }) => kind));
      const quiet = kinds.has("silent") || kinds.has("dead");
      if (!quiet) {
        const names = [...new Set([...clients].flatMap((client) => [...client.names]))];
        const due = names.flatMap((name) => beats(name, last, time).map((at) => ({ name, at })));
        due.sort((a, b) => a.at - b.at);
        for (const { name, at } of due) publish(name, () => frameAt(name, at));
      }
      last = time;
      const blow = faults.blow(time);
      for (const client of [...clients]) {
        if (blow === "tear") client.socket.tear();
        else if (blow === "cut") client.socket.close(1001);
        else keepUp(client, time, kinds.has("dead"), options.pongTimeoutMs);
      }
    },
  };
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
    if (fault.kind === "lose") out = [];
    if (fault.kind === "duplicate") out = out.flatMap((message) => [message, message]);
    if (fault.kind === "garble") out = out.map((message) => message.slice(0, message.length / 2));
    if (fault.kind === "unknown") out.unshift('{"e":"newEvent","E":1,"z":[]}');
    if (fault.kind === "reorder" && client.late === null && out.length > 0) {
      client.late = out.pop() as string;
      return out;
    }
  }
  if (client.late !== null && out.length > 0) {
    out.push(client.late);
    client.late = null;
  }
  return out;
}

interface Stream {
  symbol: string;
  type: Interval | "ticker";
}

/** Parses a stream's name; null if the exchange has no such stream (it then sends nothing). */
export function parseStream(book: KlineBook, name: string): Stream | null {
  const [lower, type, ...rest] = name.split("@");
  const symbol = lower.toUpperCase();
  if (rest.length > 0 || lower !== lower.toLowerCase() || !book.symbols.includes(symbol)) return null;
  if (type === "ticker") return { symbol, type };
  const interval = type?.startsWith("kline_") ? type.slice("kline_".length) : "";
  return isInterval(interval) ? { symbol, type: interval } : null;
}

/** SUBSCRIBE, UNSUBSCRIBE, LIST_SUBSCRIPTIONS; anything else is refused in the exchange's words. */
function answerControl(book: KlineBook, client: Client, text: string): void {
  const reply = (value: object) => client.socket.send(JSON.stringify(value));
  let request: { method?: unknown; params?: unknown; id?: unknown };
  try {
    request = JSON.parse(text);
  } catch {
    reply({ error: { code: 3, msg: "Invalid JSON: expected value at line 1 column 1" } });
    return;
  }
  const { method, params = [], id = null } = request ?? {};
  const names = (Array.isArray(params) ? params : []).map(String);
  if (method === "SUBSCRIBE" && client.names.size + names.length <= MOST_STREAMS) {
    for (const name of names) if (parseStream(book, name) !== null) client.names.add(name);
    reply({ result: null, id });
  } else if (method === "UNSUBSCRIBE") {
    for (const name of names) client.names.delete(name);
    reply({ result: null, id });
  } else if (method === "LIST_SUBSCRIPTIONS") reply({ result: [...client.names], id });
  else
    reply({
      error: { code: 2, msg: `Invalid request: unknown variant ${JSON.stringify(method ?? null)}` },
      id,
    });
}
