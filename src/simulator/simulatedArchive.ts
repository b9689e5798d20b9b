import { createHash } from "node:crypto";
import { zipSync } from "fflate";
import { DAY_MS, type EpochMs } from "../time/epoch.ts";
import { ARCHIVE_HEADER, type Kline, klineToLine } from "../venues/binance/kline.ts";
import { INTERVALS, isInterval } from "../venues/venueInterval.ts";
import { isSimulated, type KlineBook } from "./book.ts";
import type { HttpFault } from "./faults.ts";

export interface ArchiveOptions {
  /** Whether files have a header. */
  header: boolean;
  /** Delay between the end of its day, or month, and a file's publication. */
  dailyDelayMs: number;
  monthlyDelayMs: number;
}

/** The first instant whose public files are in microseconds. */
const MICROSECONDS_FROM = Date.UTC(2025, 0, 1);
const ZIPS_KEPT = 24;
const BOMB_BYTES = 96 * 2 ** 20;

const PATH =
  /^\/data\/spot\/(monthly|daily)\/klines\/([^/]+)\/([0-9a-z]+)\/(([^/]+)-([0-9a-z]+)-(\d{4})-(\d{2})(?:-(\d{2}))?)\.zip(\.CHECKSUM)?$/;

type PublishedFile = NonNullable<ReturnType<typeof readPath>>;

/** The span of a published file, or null if the path names none. */
function readPath(path: string) {
  const found = PATH.exec(path);
  if (found === null) return null;
  const [, period, symbol, interval, name, sameSymbol, sameInterval, year, month, day, checksum] = found;
  if (symbol !== sameSymbol || interval !== sameInterval || !isSimulated(interval)) return null;
  // The exchange publishes no daily files of longer candles.
  if (!isInterval(interval)) return null;
  if ((period === "daily") !== (day !== undefined)) return null;
  const from = Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1));
  const to = day === undefined ? Date.UTC(Number(year), Number(month), 1) : from + DAY_MS;
  return { period, symbol, interval, name, from, to, checksum: checksum !== undefined };
}

/**
 * The public archive: the content of a path now, or null if nothing is published there.
 * https://github.com/binance/binance-public-data
 */
export function makeArchive(
  book: KlineBook,
  options: ArchiveOptions,
): (path: string, now: EpochMs, fault: HttpFault | null) => Uint8Array | null {
  const kept = new Map<string, Uint8Array | null>();
  const zipOf = (file: PublishedFile, now: EpochMs, fault: HttpFault | null) => {
    const key = `${file.period} ${file.name} ${fault?.kind ?? ""}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const klines = klinesOf(book, file, now);
    const zip = klines.length === 0 ? null : packFile(file, klines, options, fault);
    kept.set(key, zip);
    if (kept.size > ZIPS_KEPT) kept.delete(kept.keys().next().value as string);
    return zip;
  };
  return (path, now, fault) => {
    const file = readPath(path);
    if (file === null || !book.symbols.includes(file.symbol)) return null;
    const delay = file.period === "daily" ? options.dailyDelayMs : options.monthlyDelayMs;
    if (now < file.to + delay) return null;
    const zip = zipOf(file, now, fault);
    if (zip === null || !file.checksum) return zip;
    const lie = fault?.kind === "wrongChecksum" ? "0" : "";
    const digest = createHash("sha256").update(zip).update(lie).digest("hex");
    return Buffer.from(`${digest}  ${file.name}.zip\n`);
  };
}

function klinesOf(book: KlineBook, { symbol, interval, from, to }: PublishedFile, now: EpochMs): Kline[] {
  const klines: Kline[] = [];
  for (let time = from; time < to; time += INTERVALS[interval]) {
    const kline = book.kline(symbol, interval, time as EpochMs, now);
    if (kline !== null) klines.push(kline);
  }
  return klines;
}

function packFile(
  { name, from }: PublishedFile,
  klines: readonly Kline[],
  { header }: ArchiveOptions,
  fault: HttpFault | null,
): Uint8Array {
  const unit = from >= MICROSECONDS_FROM ? "us" : "ms";
  const lines = spoilRows(klines, fault).map((kline) => klineToLine(kline, unit));
  const text = `${(header ? [ARCHIVE_HEADER, ...lines] : lines).join("\n")}\n`;
  const content =
    fault?.kind === "bomb" ? new Uint8Array(BOMB_BYTES) : Buffer.from(fault?.kind === "nothing" ? "" : text);
  const entry =
    fault?.kind === "otherName"
      ? "readme.txt"
      : fault?.kind === "outside"
        ? `../../${name}.csv`
        : `${name}.csv`;
  return zipSync({ [entry]: content }, { mtime: new Date(1980, 0, 2), level: 6 });
}

/** Faulty rows of a file with a correct checksum. */
function spoilRows(klines: readonly Kline[], fault: HttpFault | null): Kline[] {
  const middle = Math.floor(klines.length / 2);
  if (fault?.kind === "short") return klines.filter((_, i) => i < middle || i >= middle + 10);
  if (fault?.kind === "doubled")
    return klines.flatMap((kline, i) => (i % 50 === 0 ? [kline, kline] : [kline]));
  const copies = klines.map((kline) => [...kline] as Kline);
  if (fault?.kind === "offGrid") copies[middle][0] += 1000;
  if (fault?.kind === "republished") copies[middle][5] = (Number(copies[middle][5]) + 1).toFixed(8);
  return copies;
}
