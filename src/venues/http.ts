import { delay } from "../core/delay.ts";
import { inputError, interrupted, outsideError } from "../core/errors.ts";
import { wallClock } from "../core/machine.ts";

/** The machine as a client sees it: its clock, delays, random numbers. A test passes its own. */
export interface Network {
  now(): number;
  /** Real milliseconds; ends early, with CandlebookError `interrupted`, on an abort. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** Uniform in [0, 1), for the jitter of delays. */
  random(): number;
  /**
   * Time limit of one request, including its body. A download may take any time, but each such period has to deliver a
   * byte a millisecond.
   */
  timeoutMs: number;
}

/** The machine's own clock and timers. */
export const systemNetwork: Network = {
  now: wallClock,
  random: Math.random,
  timeoutMs: 30_000,
  wait: delay,
};

/** A request that failed before a complete response; a retry may help. */
export class BrokenRequest extends Error {
  /** A short reason, for people. */
  readonly what: string;
  /** The host has no address or no route, as on a machine without a network. */
  readonly offline: boolean;

  constructor(what: string, cause?: unknown, offline = false) {
    super(what, { cause });
    this.name = "BrokenRequest";
    this.what = what;
    this.offline = offline;
  }
}

/** A complete response whose content can't be true; another try may help. */
export class InvalidAnswer extends BrokenRequest {}

/** The system's error codes without a network: unknown host name, or no route. */
const OFFLINE: ReadonlySet<string> = new Set(["ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]);

export interface Answer {
  status: number;
  headers: Headers;
  /** The pieces of a download as they arrive. */
  pieces(): AsyncGenerator<Uint8Array>;
  /** @throws BrokenRequest if the body is incomplete, or longer than `limit` bytes */
  body(limit: number): Promise<Buffer>;
}

interface RequestOptions {
  method?: "GET" | "HEAD";
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Aborts after a period in which fewer bytes than milliseconds were heard. */
class Silence {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #periodMs: number;
  #bytes = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
    this.#timer = setTimeout(() => this.#controller.abort(), periodMs).unref();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  hear(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#periodMs) return;
    this.#bytes = 0;
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/**
 * One request, without retries. Redirects are not followed: another host could answer for ours.
 * @throws BrokenRequest; CandlebookError `interrupted`
 */
export async function ask(
  url: string,
  network: Network,
  { method = "GET", headers, signal }: RequestOptions = {},
): Promise<Answer> {
  const timeout = new Silence(network.timeoutMs);
  const either = signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]);
  const told = (error: unknown): Error => {
    if (signal?.aborted) return interrupted();
    if (timeout.signal.aborted)
      return new BrokenRequest(`no complete response in ${network.timeoutMs / 1000} s`, error);
    const cause = (error as { cause?: { code?: string; message?: string } }).cause;
    const what = cause?.code ?? cause?.message ?? "the connection broke";
    return new BrokenRequest(what, error, OFFLINE.has(cause?.code ?? ""));
  };
  let response: Response;
  try {
    response = await fetch(url, { method, headers, signal: either, redirect: "manual" });
  } catch (error) {
    throw told(error);
  }
  async function* received() {
    try {
      for await (const piece of response.body ?? []) yield piece as Uint8Array;
    } catch (error) {
      throw told(error);
    } finally {
      timeout.end();
    }
  }
  async function* pieces() {
    for await (const piece of received()) {
      timeout.hear(piece.length);
      yield piece;
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    pieces,
    body: async (limit) => {
      const parts: Uint8Array[] = [];
      let size = 0;
      for await (const piece of received()) {
        size += piece.length;
        if (size > limit) throw new BrokenRequest(`more than ${limit} bytes where few were expected`);
        parts.push(piece);
      }
      return Buffer.concat(parts);
    },
  };
}

/** Seconds of a `Retry-After` header in milliseconds, as many as it says; null without a valid one. */
export function retryAfterMs(headers: Headers): number | null {
  const text = headers.get("retry-after");
  return text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) * 1000 : null;
}

/**
 * The delay before try number `tries` (from 1): doubled each time from half a second, with jitter, at most 30 s.
 */
export function pauseBefore(tries: number, network: Network): number {
  return Math.min(30_000, 250 * 2 ** tries) * (0.75 + 0.5 * network.random());
}

/**
 * A user's base address, without a slash at its end.
 *
 * @throws CandlebookError `bad_url` (exit 2) unless it is http or https, without a user or query
 */
export function baseUrl(option: string, text: string, protocols = ["http:", "https:"]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !protocols.includes(url.protocol) ||
    url.username !== "" ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    throw inputError(
      "bad_url",
      `${option} is "${text.slice(0, 80)}", which is not a ${protocols.join("// or ")}// address.`,
      `Use an address such as ${protocols[0]}//127.0.0.1:9000.`,
    );
  }
  return url.href.replace(/\/+$/, "");
}

/** @throws CandlebookError `redirected` (exit 3): a redirect is never followed */
export function refuseRedirect(url: string, answer: Answer): void {
  if (answer.status < 300 || answer.status > 399) return;
  throw outsideError(
    "redirected",
    `${new URL(url).host} answered with a redirect, which is not followed: another host could answer for it.`,
    "Check the address (--rest-url, --archive-url), and whether a proxy or a log-in page is in between.",
  );
}
