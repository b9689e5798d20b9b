import { createHash } from "node:crypto";
import { isSymbol } from "../../candle/symbol.ts";
import { outsideError } from "../../core/errors.ts";
import { addDays, type Day, startOfDay } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { type Answer, ask, BrokenRequest, type Network, refuseRedirect, retryAfterMs } from "../http.ts";
import { MARKET_HEADER, refuseOtherMarket, simulatedSeed } from "../marketHeader.ts";
import { Retries } from "../retries.ts";
import { type Archive, type ArchiveFile, type ArchiveOptions, type Fetched, LONGEST_LINE } from "../venue.ts";
import { INTERVALS, type Interval, isInterval } from "../venueInterval.ts";

/** @param day any day of the file's period */
export function archiveFile(
  symbol: string,
  interval: Interval,
  period: ArchiveFile["period"],
  day: Day,
): ArchiveFile {
  const month = day.slice(0, 7);
  const name = `${symbol}-${interval}-${period === "monthly" ? month : day}`;
  const first = period === "monthly" ? (`${month}-01` as Day) : day;
  const to = period === "monthly" ? addDays(first, daysIn(month)) : addDays(day, 1);
  return {
    symbol,
    interval,
    period,
    name,
    path: encodeURI(`/data/spot/${period}/klines/${symbol}/${interval}/${name}.zip`),
    from: startOfDay(first),
    to: startOfDay(to),
  };
}

/** The file of a name such as `BTCUSDT-1m-2025-05` or `BTCUSDT-1m-2025-05-20`; null for any other name. */
export function fileOfName(name: string): ArchiveFile | null {
  const [, symbol, interval, month, day] = /^(.+)-(\w+)-(\d{4}-\d{2})(-\d{2})?$/.exec(name) ?? [];
  if (symbol === undefined || !isSymbol(symbol) || !isInterval(interval)) return null;
  return archiveFile(
    symbol,
    interval,
    day === undefined ? "monthly" : "daily",
    `${month}${day ?? "-01"}` as Day,
  );
}

function daysIn(month: string): number {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number, 0)).getUTCDate();
}

/** The daily files of a month's file. */
export function dailyFiles({ symbol, interval, from, to }: ArchiveFile): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  for (let at = from; at < to; at = startOfDay(addDays(dayAt(at), 1))) {
    files.push(archiveFile(symbol, interval, "daily", dayAt(at)));
  }
  return files;
}

const dayAt = (ms: EpochMs) => new Date(ms).toISOString().slice(0, 10) as Day;

/** @see VenueArchive.files */
export function archiveFiles(symbol: string, interval: Interval, from: Day, to: Day): ArchiveFile[] {
  const files: ArchiveFile[] = [];
  for (let day = from; day <= to; ) {
    const month = archiveFile(symbol, interval, "monthly", day);
    const end = addDays(dayAt(month.to), -1);
    const whole = day.endsWith("-01") && end <= to;
    files.push(whole ? month : archiveFile(symbol, interval, "daily", day));
    day = addDays(whole ? end : day, 1);
  }
  return files;
}

const LONGEST_TEXT = 64 * 1024;

/** @see VenueArchive.open */
export function archiveClient({ base, network, market, signal, onWait }: ArchiveOptions): Archive {
  const retries = new Retries({ network, signal, onWait, unreachable: (why) => unreachable(base, why) });
  const request = <Result>(
    path: string,
    method: "GET" | "HEAD",
    read: (answer: Answer) => Promise<Result>,
    headers?: () => Record<string, string>,
  ): Promise<Result | null> =>
    retries.run<Result | null>(
      () => ask(base + path, network, { method, headers: headers?.(), signal }),
      async (answer) => {
        if (market !== undefined) refuseOtherMarket(base, answer.headers, market);
        refuseRedirect(base + path, answer);
        if (answer.status === 200 || (answer.status === 206 && headers))
          return { result: await read(answer) };
        await answer.body(LONGEST_TEXT).catch(() => undefined);
        if (answer.status === 404) return { result: null };
        if (answer.status === 403 || answer.status === 451) throw blocked(base, answer.status);
        return { why: `status ${answer.status}`, waitMs: retryAfterMs(answer.headers) };
      },
    );
  return {
    checksum: (file) =>
      request(`${file.path}.CHECKSUM`, "GET", async (answer) => {
        const text = (await answer.body(LONGEST_TEXT)).toString("utf8");
        const [, digest, name] = /^([0-9a-f]{64}) [ *](\S+)\s*$/.exec(text) ?? [];
        if (name !== `${file.name}.zip`) throw new BrokenRequest("no checksum where one was expected");
        return digest;
      }),
    size: (file) =>
      request(file.path, "HEAD", async (answer) => Number(answer.headers.get("content-length") ?? 0)),
    fetch: (file, begin) => {
      const body = new ResumedBody(file, begin);
      return request(
        file.path,
        "GET",
        (answer) => body.read(answer),
        () => body.headers(),
      );
    },
  };
}

/** The content of one file over several tries. */
class ResumedBody {
  readonly #file: ArchiveFile;
  readonly #begin: () => Promise<(piece: Uint8Array) => Promise<void>>;
  #hash = createHash("sha256");
  #write: ((piece: Uint8Array) => Promise<void>) | undefined;
  #bytes = 0;
  /** What identifies the content: an ETag or the time of its last change. */
  #version: string | null = null;

  constructor(file: ArchiveFile, begin: () => Promise<(piece: Uint8Array) => Promise<void>>) {
    this.#file = file;
    this.#begin = begin;
  }

  /** https://www.rfc-editor.org/rfc/rfc9110#name-range-requests */
  headers(): Record<string, string> {
    const plain = { "accept-encoding": "identity" };
    if (this.#bytes === 0 || this.#version === null) return plain;
    return { ...plain, range: `bytes=${this.#bytes}-`, "if-range": this.#version };
  }

  async read(answer: Answer): Promise<Fetched> {
    const write = await this.#positioned(answer);
    const { from, to, interval, name } = this.#file;
    const most = ((to - from) / INTERVALS[interval] + 20) * LONGEST_LINE;
    for await (const piece of answer.pieces()) {
      if (this.#bytes + piece.length > most) throw tooLong(name, most);
      await write(piece);
      this.#hash.update(piece);
      this.#bytes += piece.length;
    }
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }

  /** Where the content of the answer belongs: after what there is, or at the beginning. */
  async #positioned({ status, headers }: Answer): Promise<(piece: Uint8Array) => Promise<void>> {
    const resumed = headers.get("content-range")?.startsWith(`bytes ${this.#bytes}-`);
    if (status === 206 && resumed && this.#write !== undefined) return this.#write;
    const whole = status === 200;
    const etag = headers.get("etag");
    this.#version = whole ? (etag?.startsWith('"') ? etag : headers.get("last-modified")) : null;
    this.#hash = createHash("sha256");
    this.#bytes = 0;
    this.#write = await this.#begin();
    if (!whole) throw new BrokenRequest("a part of the file that was not requested");
    return this.#write;
  }
}

function tooLong(name: string, most: number): Error {
  return outsideError(
    "strange_archive",
    `${name}.zip is longer than ${most} bytes, which no file of its period is. It was not stored.`,
    "Try again later; meanwhile the days are requested from other sources.",
  );
}

function blocked(base: string, status: number): Error {
  return outsideError(
    "blocked_region",
    `${new URL(base).host} refuses requests from here (status ${status}).`,
    "Use another address of the archive (--archive-url), or your own files (--csv).",
  );
}

function unreachable(base: string, why: string): Error {
  return outsideError(
    "archive_unreachable",
    `${new URL(base).host} can't be reached (${why}).`,
    "Check the connection, or use another address (--archive-url) or your own files (--csv). Complete files are kept.",
  );
}

const QUICK_MS = 4_000;

/** @see VenueArchive.check */
export async function checkArchive(
  base: string,
  network: Network,
  signal?: AbortSignal,
): Promise<number | null> {
  try {
    const quick = { ...network, timeoutMs: Math.min(QUICK_MS, network.timeoutMs) };
    const answer = await ask(`${base}/`, quick, { method: "HEAD", signal });
    await answer.body(LONGEST_TEXT).catch(() => undefined);
    return simulatedSeed(answer.headers.get(MARKET_HEADER));
  } catch (error) {
    if (error instanceof BrokenRequest) throw unreachable(base, error.what);
    throw error;
  }
}
