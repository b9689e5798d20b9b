import type { Candle } from "../candle/candle.ts";
import type { RejectReason } from "../candle/validity.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { partialMinute } from "./minuteMarket.ts";
import { type RandomStream, randomStream } from "./randomStream.ts";

/** The faults in a simulated market's minutes, each a share from 0 to 1 of all minutes. */
export interface Dirt {
  /** Minutes with an equal duplicate. */
  duplicates: number;
  /** Minutes with a duplicate of other values: a snapshot from before the minute had ended. */
  conflicts: number;
  /** Minutes whose row breaks a rule. */
  invalid: number;
  /** Missing minutes. */
  holes: number;
}

/** The rows of one minute in the file, and the reject reason of an invalid one. */
export interface SpoiltMinute {
  /** The line at the minute's position; null in a gap. */
  line: string | null;
  /** Another line for the same minute, and how many lines later it is. */
  again: { line: string; later: number; conflict: boolean } | null;
  reason: RejectReason | null;
}

/** The header of a simulated file. */
export const MADE_UP_HEADER = "open_time,open,high,low,close,volume,trades";

/** From here on the exchange's files have microseconds, before it milliseconds. */
const MICROSECONDS_FROM = Date.UTC(2025, 0, 1);

const MEAN_HOLE = 5;
const LATEST_REPEAT = 40;

/** A row as the exchange's files write it: times in milliseconds, from 2025 on in microseconds. */
function madeUpLine({ openTime, open, high, low, close, volume, trades }: Candle): string {
  return `${stamp(openTime)},${open},${high},${low},${close},${volume},${trades ?? ""}`;
}

function stamp(time: number): number {
  return time >= MICROSECONDS_FROM ? time * 1000 : time;
}

/** Injects faults into a symbol's minutes, in order of time; they depend only on seed, symbol and minute. */
export function spoiler(seed: number, symbol: string, dirt: Dirt): (minute: Candle) => SpoiltMinute {
  let day = -1;
  let random: RandomStream;
  let holeLeft = 0;
  const again = dirt.duplicates + dirt.conflicts;
  return (minute) => {
    const today = Math.floor(minute.openTime / DAY_MS);
    if (today !== day) {
      day = today;
      random = randomStream(seed, "dirt", symbol, day);
      holeLeft = 0;
    }
    if (holeLeft === 0 && random.uniform() < dirt.holes / MEAN_HOLE) {
      holeLeft = 1 + Math.floor(random.uniform() * (2 * MEAN_HOLE - 1));
    }
    if (holeLeft > 0) {
      holeLeft -= 1;
      return { line: null, again: null, reason: null };
    }
    const draw = random.uniform();
    if (draw < dirt.invalid) return { ...invalidLine(minute, random), again: null };
    const line = madeUpLine(minute);
    if (draw >= dirt.invalid + again) return { line, again: null, reason: null };
    const conflict = draw >= dirt.invalid + dirt.duplicates;
    const later = Math.floor(random.uniform() ** 2 * LATEST_REPEAT);
    const other = conflict ? madeUpLine(snapshot(minute, random)) : line;
    return { line, again: { line: other, later, conflict }, reason: null };
  };
}

/** A snapshot of the minute from before its end; sometimes without a count of trades. */
function snapshot(minute: Candle, random: RandomStream): Candle {
  const earlier = partialMinute(minute, random.uniform() * 0.98);
  return random.uniform() < 0.2 ? { ...minute, trades: null } : earlier;
}

/** An invalid row of a minute. @param line writes a row: the time first, then the open */
type InvalidLine = (
  minute: Candle,
  line: (minute: Candle) => string,
) => { line: string; reason: RejectReason };

/** Every way in which a row of a known symbol is invalid. */
export const INVALID_LINES: readonly InvalidLine[] = [
  (minute, line) => ({ line: line(minute).replace(/,[^,]*,/, ",NaN,"), reason: "unreadable_number" }),
  (minute, line) => ({ line: line(minute).replace(/,[^,]*,/, ",n/a,"), reason: "unreadable_number" }),
  (minute, line) => ({ line: line(minute).replace(/^\d+/, "0"), reason: "bad_time" }),
  (minute, line) => ({
    line: line({ ...minute, openTime: (minute.openTime + MINUTE_MS / 4) as EpochMs }),
    reason: "off_grid",
  }),
  (minute, line) => ({ line: line({ ...minute, open: -minute.open }), reason: "non_positive_price" }),
  (minute, line) => ({ line: line({ ...minute, volume: -minute.volume }), reason: "negative_volume" }),
  (minute, line) => ({ line: line({ ...minute, high: minute.low / 2 }), reason: "high_low_inconsistent" }),
  (minute, line) => ({ line: line(minute).split(",").slice(0, 4).join(","), reason: "wrong_columns" }),
];

function invalidLine(minute: Candle, random: RandomStream): { line: string; reason: RejectReason } {
  return INVALID_LINES[Math.floor(random.uniform() * INVALID_LINES.length)](minute, madeUpLine);
}
