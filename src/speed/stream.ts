import { venue } from "../venues/registry.ts";
import { type Connection, type Ending, openConnection } from "./connection.ts";

/** How patient the producer is; all real milliseconds but the lifetime, which is the exchange's. */
export interface Patience {
  /** Without data for so long a socket is given up; default 30 s. */
  silenceMs: number;
  connectMs: number;
  /** Pause after the first failure; doubled up to the longest, with jitter. */
  firstRetryMs: number;
  longestRetryMs: number;
  /** The exchange cuts a connection after 24 h: it is replaced before; default 23 h 50 min. */
  lifetimeMs: number;
  /** Minutes that REST could not give are asked for again after so long; default 30 s. */
  owedRetryMs: number;
}

export const PATIENCE: Patience = {
  silenceMs: 30_000,
  connectMs: 10_000,
  firstRetryMs: 1_000,
  longestRetryMs: 60_000,
  lifetimeMs: venue.limits.connectionMs - 10 * 60_000,
  owedRetryMs: 30_000,
};

export interface StreamOptions {
  url: string;
  patience: Patience;
  /** Uniform in [0, 1): spreads the retries of many clients. */
  random(): number;
  onHeaders(headers: Record<string, string | string[] | undefined>): void;
  /** A connection stands after none did: frames may have been missed. */
  onConnected(): void;
  onFrame(text: string): void;
  onLost(ending: Ending, retryMs: number): void;
}

/** The exchange's stream without an end: it connects again whenever it breaks. */
export interface Stream {
  pause(): void;
  resume(): void;
  stop(): void;
  /** The exchange's time of the newest frame: decides when the connection is too old. */
  tick(eventTime: number): void;
  /** Whether a connection has ever stood. */
  readonly stood: boolean;
  readonly reconnects: number;
  readonly rollovers: number;
}

/**
 * Keeps one connection open. Before the exchange's 24-hour cut a second one is opened, and the first ends when
 * the second has brought a frame: no frame is missed, some come twice.
 */
export function openStream(options: StreamOptions): Stream {
  const { patience } = options;
  let current: Connection | null = null;
  let next: Connection | null = null;
  let retry: NodeJS.Timeout | undefined;
  let failures = 0;
  let connects = 0;
  let rollovers = 0;
  let since = 0;
  let opened = performance.now();
  let replaceAfter = 0;
  let paused = false;
  let stopped = false;

  const open = (replaces: boolean): Connection => {
    const connection: Connection = openConnection({
      url: options.url,
      silenceMs: patience.silenceMs,
      connectMs: patience.connectMs,
      onOpen: (headers) => {
        options.onHeaders(headers);
        if (replaces) return;
        connects += 1;
        since = 0;
        opened = performance.now();
        options.onConnected();
      },
      onFrame: (text) => {
        failures = 0;
        if (connection === next) promote();
        options.onFrame(text);
      },
      onEnd: (ending) => ended(connection, ending),
    });
    if (paused) connection.pause();
    return connection;
  };
  const promote = () => {
    const old = current;
    current = next;
    next = null;
    since = 0;
    opened = performance.now();
    rollovers += 1;
    old?.end("replaced");
  };
  const ended = (connection: Connection, ending: Ending) => {
    if (stopped || ending === "replaced") return;
    if (connection === next) {
      next = null;
      replaceAfter = performance.now() + patience.firstRetryMs;
      return;
    }
    if (connection !== current && current !== null) return;
    next?.end("replaced");
    next = null;
    current = null;
    const longest = Math.min(patience.firstRetryMs * 2 ** failures, patience.longestRetryMs);
    const retryMs = longest * (0.5 + options.random() / 2);
    failures += 1;
    options.onLost(ending, retryMs);
    retry = setTimeout(() => {
      current = open(false);
    }, retryMs);
  };
  current = open(false);
  return {
    pause: () => {
      paused = true;
      current?.pause();
      next?.pause();
    },
    resume: () => {
      paused = false;
      current?.resume();
      next?.resume();
    },
    stop: () => {
      stopped = true;
      clearTimeout(retry);
      current?.end("stopped");
      next?.end("stopped");
    },
    tick: (eventTime) => {
      if (since === 0) since = eventTime;
      const old =
        eventTime - since >= patience.lifetimeMs || performance.now() - opened >= patience.lifetimeMs;
      const may = next === null && current !== null && performance.now() >= replaceAfter;
      if (old && may) next = open(true);
    },
    get stood() {
      return connects > 0;
    },
    get reconnects() {
      return Math.max(0, connects - 1);
    },
    get rollovers() {
      return rollovers;
    },
  };
}
