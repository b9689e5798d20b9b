import type { Candle } from "../candle/candle.ts";
import type { DecimalCandle } from "../candle/decimal.ts";
import type { Day } from "../time/day.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { FixedInterval } from "../time/interval.ts";
import type { BanList } from "./ban.ts";
import type { Network } from "./http.ts";
import type { Interval } from "./venueInterval.ts";

/** A place where candles are published: its REST API, its stream, and its archive if it has one. */
export interface Venue {
  /** Base addresses of REST and stream, without a slash at the end; the archive has its own. */
  readonly addresses: { readonly rest: string; readonly stream: string };
  readonly limits: VenueLimits;
  readonly stream: VenueStream;
  readonly archive?: VenueArchive;
  rest(options: RestOptions): Rest;
  /** The candle of a `FetchedCandle.line`; null for any other line. */
  readLine(symbol: string, line: string): Candle | null;
}

export interface VenueLimits {
  /** Candles in one response. */
  readonly candles: number;
  /** Request weight of one request. */
  readonly weight: number;
  /** Lifetime of a connection to the stream, milliseconds. */
  readonly connectionMs: number;
}

export interface RestOptions {
  /** Checked by `baseUrl`. */
  base: string;
  network: Network;
  bans: BanList;
  /** Seed of the simulated market that the workspace holds, null for the real one: no other may respond. */
  market: () => Promise<number | null>;
  /** Called for every delay, so that a person sees the reason. */
  onWait?: (ms: number, why: string) => void;
  /** Called for every request that is sent. */
  onRequest?: () => void;
  signal?: AbortSignal;
}

/** A candle from the venue, with the venue's own text as a line of CSV that `ingest` reads. */
export interface FetchedCandle extends Candle {
  line: string;
}

/** A venue's REST API; it respects limits, delays and retries. */
export interface Rest {
  /** Its clock. */
  time(): Promise<EpochMs>;
  /** Its markets: all trading pairs. */
  symbols(): Promise<string[]>;
  /**
   * One page: the first candles that open in [from, to], at most `limits.candles`, in order of time, each once, none
   * that is still open by its clock. Candles of other times are dropped; a response with an invalid row counts as
   * none. `fetchStretch` joins pages.
   *
   * @throws CandlebookError `no_such_symbol` (exit 2), `invalid_answer` (exit 3)
   */
  candles(symbol: string, interval: FixedInterval, from: EpochMs, to: EpochMs): Promise<FetchedCandle[]>;
}

/** A candle as far as it is known at `eventTime`. */
export interface CandleUpdate extends DecimalCandle {
  interval: FixedInterval;
  final: boolean;
  eventTime: number;
}

export interface PriceUpdate {
  symbol: string;
  price: string;
  eventTime: number;
}

export type Frame =
  | { kind: "kline"; frame: CandleUpdate }
  | { kind: "ticker"; frame: PriceUpdate }
  /** An answer to a request, or an event that is not read. */
  | { kind: "other"; type: string }
  | { kind: "broken"; reason: "not_json" | "wrong_form" };

export interface VenueStream {
  /** Address of one connection with the candles of an interval, and last prices, of these symbols. */
  url(base: string, symbols: readonly string[], interval: FixedInterval): string;
  /** Parses a frame's text. Unknown fields are ignored. Never throws. */
  parse(text: string): Frame;
}

/** Most bytes of a line in an archive's file, unpacked or packed; it is about 160. */
export const LONGEST_LINE = 400;

/** One file of the archive: the candles of a month or a day. */
export interface ArchiveFile {
  symbol: string;
  interval: Interval;
  period: "monthly" | "daily";
  /** Without an ending: `BTCUSDT-1m-2025-05`. */
  name: string;
  /** Below the archive's address. */
  path: string;
  /** [from, to) */
  from: EpochMs;
  to: EpochMs;
}

export interface ArchiveOptions {
  base: string;
  network: Network;
  /**
   * Seed of the simulated market that the workspace holds; null: the real one. No other may respond. Default: any.
   */
  market?: number | null;
  signal?: AbortSignal;
  onWait?: (ms: number, why: string) => void;
}

/** A received file: number of bytes, and their SHA-256. */
export interface Fetched {
  bytes: number;
  sha256: string;
}

/** A client of the archive; null means not published. */
export interface Archive {
  /** The published SHA-256 of a file, hexadecimal. */
  checksum(file: ArchiveFile): Promise<string | null>;
  /** Size without the content. */
  size(file: ArchiveFile): Promise<number | null>;
  /**
   * The content, passed on as it arrives; a broken download is resumed where it ended, if the server can. `begin` is
   * called before each beginning.
   * @throws CandlebookError `strange_archive` (exit 3) if it is longer than any file of its period
   */
  fetch(
    file: ArchiveFile,
    begin: () => Promise<(piece: Uint8Array) => Promise<void>>,
  ): Promise<Fetched | null>;
}

/** Zips of candles with published checksums. */
export interface VenueArchive {
  /** Base address. */
  readonly address: string;
  /** The files that cover [from, to]: whole months as one file, the rest day by day, in order of time. */
  files(symbol: string, interval: Interval, from: Day, to: Day): ArchiveFile[];
  /** The daily files of a month's file. */
  dailyFiles(month: ArchiveFile): ArchiveFile[];
  /** The file of a name; null for an unknown name. */
  fileOfName(name: string): ArchiveFile | null;
  /**
   * A client that retries failed requests, except if its first request finds no network. Its methods throw
   * CandlebookError `blocked_region`, `redirected`, `archive_unreachable` (exit 3), `mixed_markets` (exit 2),
   * `interrupted`.
   */
  open(options: ArchiveOptions): Archive;
  /**
   * Checks that the archive responds, within seconds and with one request.
   * @returns the seed of a simulated exchange, null for the real one
   *
   * @throws CandlebookError `archive_unreachable` (exit 3)
   */
  check(base: string, network: Network, signal?: AbortSignal): Promise<number | null>;
}
