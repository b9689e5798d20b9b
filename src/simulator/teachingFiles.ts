import { gzipSync, zipSync } from "fflate";
import type { Candle } from "../candle/candle.ts";
import { type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { ARCHIVE_HEADER, candleToKline, klineToLine } from "../venues/binance/kline.ts";
import { INVALID_LINES } from "./dirt.ts";
import { partialMinute } from "./minuteMarket.ts";

/** A form in which minutes are found in practice. */
interface FileForm {
  name(symbol: string, month: string): string;
  header?: string;
  line(minute: Candle): string;
  /** The file's bytes, from its name without the container's ending. */
  pack(name: string, text: string): string | Uint8Array;
  /** Duplicates, conflicts and invalid rows are among its rows. */
  dirty: boolean;
}

const COLUMNS = "open,high,low,close,volume,trades";
const cells = ({ open, high, low, close, volume, trades }: Candle) =>
  [open, high, low, close, volume, trades].join(",");
const archiveLine = (minute: Candle) => klineToLine(candleToKline(minute, MINUTE_MS), "us");

/** The forms of a year's months, in turn. */
const FORMS: readonly FileForm[] = [
  {
    name: (symbol, month) => `${symbol}_1min_${month}.csv`,
    header: `timestamp,${COLUMNS}`,
    line: (minute) => `${minute.openTime / 1000},${cells(minute)}`,
    pack: (_name, text) => text,
    dirty: false,
  },
  {
    name: (symbol, month) => `${symbol}-1m-${month}.zip`,
    line: archiveLine,
    pack: (name, text) => zipSync({ [`${name}.csv`]: Buffer.from(text) }, { mtime: EARLIEST_DATE, level: 1 }),
    dirty: false,
  },
  {
    name: (symbol, month) => `${symbol}_1min_${month}.csv.gz`,
    header: `open_time,${COLUMNS},symbol`,
    line: (minute) => `${minute.openTime},${cells(minute)},${minute.symbol}`,
    pack: (_name, text) => gzipSync(Buffer.from(text), { mtime: 0, level: 1 }),
    dirty: true,
  },
  {
    name: (symbol, month) => `${symbol}-1m-${month}.csv`,
    header: ARCHIVE_HEADER,
    line: archiveLine,
    pack: (_name, text) => text,
    dirty: false,
  },
];

/** The first date that a zip can state. */
const EARLIEST_DATE = new Date(1980, 0, 2);

/** Of a dirty file's minutes, one in so many has a fault. */
const FAULT_EVERY = 3_989;
/** Lines between a row and its repeat. */
const REPEATED_AFTER = 30;

/** A pair that has no place in another pair's file. */
const STRANGER = "SOLUSDT";

export interface TeachingFile {
  name: string;
  /** Made on demand: a file that exists is not made again. */
  content(minutes: Iterable<Candle>): string | Uint8Array;
}

/**
 * One month of a symbol's minutes as a file. The form depends on the month's number; a file with a symbol column also
 * has duplicates, conflicting duplicates, and rows with every reason for a rejection.
 * @param number counts the months from 0
 */
export function teachingFile(symbol: string, from: EpochMs, number: number): TeachingFile {
  const form = FORMS[number % FORMS.length];
  const name = form.name(symbol, new Date(from).toISOString().slice(0, 7));
  return {
    name,
    content: (minutes) => {
      const rows = form.dirty ? withFaults(minutes, form.line) : [...minutes].map(form.line);
      const text = `${(form.header === undefined ? rows : [form.header, ...rows]).join("\n")}\n`;
      return form.pack(name.replace(/\.[a-z.]+$/, ""), text);
    },
  };
}

/** The rows of a faulty minute at its place, and a row that repeats it later. */
type Fault = (minute: Candle, line: FileForm["line"]) => { rows: string[]; repeat?: string };

const FAULTS: readonly Fault[] = [
  (minute, line) => ({ rows: [line(minute)], repeat: line(minute) }),
  (minute, line) => ({ rows: [line(minute)], repeat: line(partialMinute(minute, 0.6)) }),
  (minute, line) => ({ rows: [line(minute), line({ ...minute, symbol: STRANGER })] }),
  ...INVALID_LINES.map(
    (invalid): Fault =>
      (minute, line) => ({ rows: [invalid(minute, line).line] }),
  ),
];

/** Faults at fixed distances, each kind in turn. */
function withFaults(minutes: Iterable<Candle>, line: FileForm["line"]): string[] {
  const rows: string[] = [];
  const repeats = new Map<number, string>();
  let index = 0;
  for (const minute of minutes) {
    index += 1;
    const fault = index % FAULT_EVERY === 0 ? FAULTS[(index / FAULT_EVERY) % FAULTS.length] : null;
    const made = fault === null ? { rows: [line(minute)] } : fault(minute, line);
    rows.push(...made.rows);
    if (made.repeat !== undefined) repeats.set(index + REPEATED_AFTER, made.repeat);
    const repeated = repeats.get(index);
    if (repeated !== undefined) rows.push(repeated);
  }
  return rows;
}
