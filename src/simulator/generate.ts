import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkBalance, type RowBalance } from "../candle/balance.ts";
import type { Candle, DailyCandle } from "../candle/candle.ts";
import { VOLUME_UNIT } from "../candle/foldDay.ts";
import type { RejectReason } from "../candle/validity.ts";
import type { Effects } from "../core/effects.ts";
import { inputError, throwIfAborted } from "../core/errors.ts";
import { type Day, dayOf, startOfDay } from "../time/day.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, toIso } from "../time/epoch.ts";
import { type Dirt, MADE_UP_HEADER, spoiler } from "./dirt.ts";
import { madeUpMarket } from "./madeUpMarket.ts";

export interface GenerateOptions {
  seed: number;
  /** The first and the last day, both included. */
  from: Day;
  to: Day;
  /** Default: BTCUSDT and ETHUSDT. */
  symbols?: readonly string[];
  /** Default: a thousandth of the minutes for each kind. */
  dirt?: Partial<Dirt>;
}

/** A day of a simulated file; it has no amounts beside the volume. */
type GeneratedDay = Pick<DailyCandle, "day" | "open" | "high" | "low" | "close"> & {
  volume: number;
  minutes: number;
};

/** The expected result for one simulated file. */
export interface Expected {
  /** The prices are simulated. */
  madeUp: true;
  seed: number;
  symbol: string;
  dirt: Dirt;
  balance: RowBalance;
  reasons: Partial<Record<RejectReason, number>>;
  /** The first of the rejected rows, with their line numbers. */
  rejects: { line: number; reason: RejectReason }[];
  gaps: { count: number; minutes: number; longest: { start: string; minutes: number } | null };
  days: GeneratedDay[];
}

export interface Generated {
  /** By symbol: the file's name in the folder, its bytes, and its expected result. */
  files: { name: string; bytes: number; expected: Expected }[];
}

const DEFAULT_DIRT: Dirt = { duplicates: 0.001, conflicts: 0.001, invalid: 0.001, holes: 0.001 };
const REJECTS_NAMED = 1000;
const CHUNK_LINES = 8192;

/**
 * Writes a simulated market as one CSV for each symbol, with the given shares of faults, each with its expected
 * result (`<name>.expected.json`), computed from the market itself. The same options give the same bytes.
 * @throws CandlebookError `bad_option` if the days or shares are invalid
 */
export async function generate(
  folder: string,
  options: GenerateOptions,
  effects: Effects = {},
): Promise<Generated> {
  const { seed, from, to, symbols = ["BTCUSDT", "ETHUSDT"] } = options;
  const dirt = { ...DEFAULT_DIRT, ...options.dirt };
  checkOptions(from, to, dirt);
  const market = madeUpMarket({ seed, symbols, firstDay: () => from });
  const [start, end] = [startOfDay(from), (startOfDay(to) + DAY_MS) as EpochMs];
  await mkdir(folder, { recursive: true });
  const files = [];
  for (const symbol of symbols) {
    const answer = new Answer(seed, symbol, dirt);
    const name = `${symbol}_1m_made_up`;
    const path = join(folder, `${name}.csv`);
    const lines = madeUpLines(market.minutes(symbol, start, end), answer);
    const bytes = await writeLines(path, lines, (line) => {
      throwIfAborted(effects.signal);
      const done = Math.min(line, (end - start) / MINUTE_MS);
      effects.progress?.({ stage: "generate", note: symbol, done, total: (end - start) / MINUTE_MS });
    });
    const expected = answer.finish();
    await writeFile(join(folder, `${name}.expected.json`), `${JSON.stringify(expected, null, 1)}\n`);
    files.push({ name: `${name}.csv`, bytes, expected });
  }
  return { files };
}

function checkOptions(from: Day, to: Day, dirt: Dirt): void {
  const shares = Object.values(dirt);
  const sum = shares.reduce((total, share) => total + share, 0);
  if (shares.some((share) => !(share >= 0)) || sum > 1) {
    throw inputError("bad_option", "Each share must be at least 0, and their sum at most 1.", "See --help.");
  }
  if (from > to || from < "2009-01-02" || to > "2049-12-31") {
    throw inputError(
      "bad_option",
      `There is no simulated market from ${from} to ${to}.`,
      "Name a first day and a later last one between 2009-01-02 and 2049-12-31.",
    );
  }
}

function* madeUpLines(minutes: Iterable<Candle>, answer: Answer): Generator<string> {
  yield MADE_UP_HEADER;
  const waiting: { line: string; at: number; conflict: boolean }[] = [];
  let rows = 0;
  for (const minute of minutes) {
    const { line, again, reason } = answer.spoil(minute);
    if (line !== null) {
      rows += 1;
      yield line;
      answer.row(rows, minute, reason);
    }
    if (again !== null) waiting.push({ ...again, at: rows + again.later });
    for (let i = 0; i < waiting.length; i += 1) {
      if (waiting[i].at > rows) continue;
      const [{ line: repeated, conflict }] = waiting.splice(i, 1);
      i -= 1;
      rows += 1;
      yield repeated;
      answer.repeat(conflict);
    }
  }
  for (const { line, conflict } of waiting) {
    yield line;
    answer.repeat(conflict);
  }
}

async function writeLines(
  path: string,
  lines: Iterable<string>,
  progress: (line: number) => void,
): Promise<number> {
  const draft = `${path}.draft`;
  const file = createWriteStream(draft, { encoding: "latin1" });
  const opened = once(file, "open");
  let chunk = "";
  let held = 0;
  let written = 0;
  const flush = async () => {
    if (!file.write(chunk)) await once(file, "drain");
    written += held;
    chunk = "";
    held = 0;
    progress(written);
  };
  try {
    await opened;
    for (const line of lines) {
      chunk += `${line}\n`;
      held += 1;
      if (held === CHUNK_LINES) await flush();
    }
    await flush();
    file.end();
    await once(file, "finish");
    await rename(draft, path);
    return file.bytesWritten;
  } finally {
    file.destroy();
    await rm(draft, { force: true });
  }
}

/** Computes the expected result row by row, without reading the file. */
class Answer {
  readonly spoil: (minute: Candle) => ReturnType<ReturnType<typeof spoiler>>;
  readonly #expected: Expected;
  #last: EpochMs | null = null;
  #day: DayInMaking | null = null;

  constructor(seed: number, symbol: string, dirt: Dirt) {
    this.spoil = spoiler(seed, symbol, dirt);
    this.#expected = {
      madeUp: true,
      seed,
      symbol,
      dirt,
      balance: { in: 0, kept: 0, duplicates: 0, conflicts: 0, rejected: 0 },
      reasons: {},
      rejects: [],
      gaps: { count: 0, minutes: 0, longest: null },
      days: [],
    };
  }

  /** @param row its number among the rows, from 1; its line is one more */
  row(row: number, minute: Candle, reason: RejectReason | null): void {
    const { balance, reasons, rejects } = this.#expected;
    balance.in += 1;
    if (reason !== null) {
      balance.rejected += 1;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
      if (rejects.length < REJECTS_NAMED) rejects.push({ line: row + 1, reason });
      return;
    }
    balance.kept += 1;
    this.#gapBefore(minute.openTime);
    this.#last = minute.openTime;
    const start = minute.openTime - (minute.openTime % DAY_MS);
    if (this.#day?.start !== start) this.#finishDay();
    this.#day ??= new DayInMaking(start, minute);
    this.#day.add(minute);
  }

  repeat(conflict: boolean): void {
    const { balance } = this.#expected;
    balance.in += 1;
    balance.duplicates += 1;
    balance.conflicts += Number(conflict);
  }

  finish(): Expected {
    this.#finishDay();
    checkBalance(this.#expected.balance);
    return this.#expected;
  }

  #gapBefore(time: EpochMs): void {
    if (this.#last === null) return;
    const minutes = (time - this.#last) / MINUTE_MS - 1;
    if (minutes === 0) return;
    const { gaps } = this.#expected;
    gaps.count += 1;
    gaps.minutes += minutes;
    if (minutes > (gaps.longest?.minutes ?? 0)) {
      gaps.longest = { start: toIso((this.#last + MINUTE_MS) as EpochMs), minutes };
    }
  }

  #finishDay(): void {
    if (this.#day !== null) this.#expected.days.push(this.#day.folded());
    this.#day = null;
  }
}

/** The aggregation of a day, minute by minute in order of time. */
class DayInMaking {
  readonly start: number;
  readonly #folded: Omit<GeneratedDay, "volume">;
  #units = 0n;

  constructor(start: number, { open, high, low, close }: Candle) {
    this.start = start;
    this.#folded = { day: dayOf(start as EpochMs), open, high, low, close, minutes: 0 };
  }

  add({ high, low, close, volume }: Candle): void {
    const folded = this.#folded;
    folded.high = Math.max(folded.high, high);
    folded.low = Math.min(folded.low, low);
    folded.close = close;
    folded.minutes += 1;
    this.#units += BigInt(Math.round(volume * VOLUME_UNIT));
  }

  folded(): GeneratedDay {
    return { ...this.#folded, volume: Number(this.#units) / VOLUME_UNIT };
  }
}
