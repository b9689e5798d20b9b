import { createHash } from "node:crypto";
import { isSymbol } from "../../candle/symbol.ts";
import { outsideError } from "../../core/errors.ts";
import { addDays, type Day, startOfDay } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { type Answer, ask, BrokenRequest, type Network, refuseRedirect, retryAfterMs } from "../http.ts";
import { MARKET_HEADER, refuseOtherMarket, simulatedSeed } from "../marketHeader.ts";
import { Retries } from "../retries.ts";
import type { Archive, ArchiveFile, ArchiveOptions } from "../venue.ts";
import { type Interval, isInterval } from "../venueInterval.ts";

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
  ): Promise<Result | null> =>
    retries.run<Result | null>(
      () => ask(base + path, network, { method, signal }),
      async (answer) => {
        if (market !== undefined) refuseOtherMarket(base, answer.headers, market);
        refuseRedirect(base + path, answer);
        if (answer.status === 200) return { result: await read(answer) };
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
    fetch: (file, begin) =>
      request(file.path, "GET", async (answer) => {
        const write = await begin();
        const hash = createHash("sha256");
        let bytes = 0;
        for await (const piece of answer.pieces()) {
          hash.update(piece);
          bytes += piece.length;
          await write(piece);
        }
        return { bytes, sha256: hash.digest("hex") };
      }),
  };
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
