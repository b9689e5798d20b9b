import { monotonicClock } from "../../core/machine.ts";
import { venue } from "../../venues/registry.ts";
import { type Connection, type Ending, openConnection } from "./connection.ts";

/** Timeouts and delays of the producer; real milliseconds, except for the lifetime, which is in the exchange's time. */
export interface Patience {
  /** A socket without data for this long is closed; default 30 s. */
  silenceMs: number;
  connectMs: number;
  /** Delay after the first failure; doubled up to the longest, with jitter. */
  firstRetryMs: number;
  longestRetryMs: number;
  /** The exchange closes a connection after 24 h: it is replaced before; default 23 h 50 min. */
  lifetimeMs: number;
  /** Minutes that REST could not return are requested again after this long; default 30 s. */
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
  /** A connection is open after none was: frames may have been missed. */
  onConnected(): void;
  onFrame(text: string): void;
  onLost(ending: Ending, retryMs: number): void;
}

/**
 * The exchange's stream without an end: one connection is kept open, and opened again whenever it breaks. Before the
 * exchange's 24-hour limit a second one is opened, and the first is closed when the second has received a frame: no
 * frame is missed, some arrive twice.
 */
export class Stream {
  /** Connections replaced before the exchange closes them. */
  rollovers = 0;
  readonly #options: StreamOptions;
  #current: Connection | null = null;
  #next: Connection | null = null;
  #retry: NodeJS.Timeout | undefined;
  #failures = 0;
  #connects = 0;
  /** The exchange's time of the current connection's first frame; 0 before it. */
  #since = 0;
  #opened = monotonicClock();
  #replaceAfter = 0;
  #paused = false;
  #stopped = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#current = this.#open("first");
  }

  /** Whether a connection was ever open. */
  get everConnected(): boolean {
    return this.#connects > 0;
  }

  get reconnects(): number {
    return Math.max(0, this.#connects - 1);
  }

  pause(): void {
    this.#paused = true;
    this.#current?.pause();
    this.#next?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#current?.resume();
    this.#next?.resume();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#current?.end("stopped");
    this.#next?.end("stopped");
  }

  /** @param eventTime the exchange's time of the newest frame: decides when the connection is too old */
  tick(eventTime: number): void {
    const { lifetimeMs } = this.#options.patience;
    if (this.#since === 0) this.#since = eventTime;
    const old = eventTime - this.#since >= lifetimeMs || monotonicClock() - this.#opened >= lifetimeMs;
    const may = this.#next === null && this.#current !== null && monotonicClock() >= this.#replaceAfter;
    if (old && may) this.#next = this.#open("replacement");
  }

  #open(role: "first" | "replacement"): Connection {
    const { url, patience, onHeaders, onConnected, onFrame } = this.#options;
    const connection: Connection = openConnection({
      url,
      silenceMs: patience.silenceMs,
      connectMs: patience.connectMs,
      onOpen: (headers) => {
        onHeaders(headers);
        if (role === "replacement") return;
        this.#connects += 1;
        this.#restartAge();
        onConnected();
      },
      onFrame: (text) => {
        this.#failures = 0;
        if (connection === this.#next) this.#promote();
        onFrame(text);
      },
      onEnd: (ending) => this.#ended(connection, ending),
    });
    if (this.#paused) connection.pause();
    return connection;
  }

  #restartAge(): void {
    this.#since = 0;
    this.#opened = monotonicClock();
  }

  #promote(): void {
    const old = this.#current;
    this.#current = this.#next;
    this.#next = null;
    this.#restartAge();
    this.rollovers += 1;
    old?.end("replaced");
  }

  #ended(connection: Connection, ending: Ending): void {
    const { patience, random, onLost } = this.#options;
    if (this.#stopped || ending === "replaced") return;
    if (connection === this.#next) {
      this.#next = null;
      this.#replaceAfter = monotonicClock() + patience.firstRetryMs;
      return;
    }
    if (connection !== this.#current && this.#current !== null) return;
    this.#next?.end("replaced");
    this.#next = null;
    this.#current = null;
    const longest = Math.min(patience.firstRetryMs * 2 ** this.#failures, patience.longestRetryMs);
    const retryMs = longest * (0.5 + random() / 2);
    this.#failures += 1;
    onLost(ending, retryMs);
    this.#retry = setTimeout(() => {
      this.#current = this.#open("first");
    }, retryMs);
  }
}
