import type { DatabaseSync, StatementSync } from "node:sqlite";
import { onDatabase, rowsOfDatabase } from "../../core/databaseError.ts";
import type { EpochMs } from "../../time/epoch.ts";
import { floorToInterval, type Interval } from "../../time/interval.ts";
import { seriesName } from "../exchange.ts";
import { blockBytes, blockOf } from "./candleBlock.ts";
import { CHECKPOINT_FILE, openCheckpointDatabase, transaction } from "./checkpointSchema.ts";
import { daySources, loadSources, sourceWriter } from "./checkpointSources.ts";
import {
  type BatchOutput,
  type Counts,
  emptyState,
  type LateEvent,
  openWindowsOf,
  type PoisonMessage,
  type StreamState,
  seriesOf,
  windowOf,
} from "./state.ts";
import { newSet, type Series, setOf, type WindowSet } from "./watermark.ts";
import { blockMs, forgetChanges, placeOf, type Window } from "./window.ts";
import { isBetter, type WindowCandle } from "./windowCandle.ts";
import type { DaySource } from "./windowSource.ts";

/** What one commit writes. */
export interface CheckpointCommit {
  topic: string;
  state: StreamState;
  output: BatchOutput;
  /** Windows that this batch closed. */
  gone: readonly Window[];
}

/** A window as a commit wrote it. */
export interface ClosedWindow {
  candle: WindowCandle;
  /** Whether it replaced one of the same symbol, length and start. */
  replaces: boolean;
}

/** Windows, watermarks and next offsets on the disk; one commit holds all three, or none of them. */
export interface Checkpoint {
  /** Of this checkpoint; another one counts its changes from 0. */
  readonly id: string;
  /** Which topic its offsets belong to; null before the first commit. */
  topic(): string | null;
  /** The lengths of its windows; null before the first commit. */
  lengths(): Interval[] | null;
  /** The state, of its own lengths; before the first commit of days. */
  load(): StreamState;
  /**
   * Writes what changed since the last commit.
   * @param beforeCommit called when all is written and nothing is committed yet
   * @returns the closed windows that it holds now and did not hold before: of several series of a symbol a window can
   *   close more than once, and a fuller one replaces the one before
   */
  commit(commit: CheckpointCommit, beforeCommit?: () => void): ClosedWindow[];
  /** A number that grows with every closed window of the length; 0 without one. */
  closedChange(length: Interval): number;
  /** Numbers that grow with every late event and poison message. */
  changes(): { late: number; poison: number };
  /**
   * The windows of a length that closed since a change, by symbol and start, page by page: there may be millions, and
   * one page is held at a time.
   */
  closed(since: number, length?: Interval): Iterable<WindowCandle[]>;
  /** The origin of days, closed or open; those of unknown origin are left out. */
  sources(days: readonly Pick<WindowCandle, "symbol" | "interval" | "start">[]): DaySource[];
  /** Late events and poison messages since a change, oldest first, page by page. */
  late(since: number): Iterable<LateEvent[]>;
  poison(since: number): Iterable<PoisonMessage[]>;
  /** Adds windows that an earlier checkpoint closed; those it has already are kept. */
  inherit(candles: readonly WindowCandle[]): void;
  close(): void;
}

/** @throws CandlebookError `newer_checkpoint`, `damaged_checkpoint` */
export function openCheckpoint(path: string): Checkpoint {
  const database = openCheckpointDatabase(path);
  const meta = (name: string) =>
    (database.prepare("SELECT value FROM meta WHERE name = ?").get(name) as { value: string } | undefined)
      ?.value ?? null;
  const writer = onDatabase(CHECKPOINT_FILE, () => new CheckpointWriter(database));
  return {
    id: onDatabase(CHECKPOINT_FILE, () => meta("id") as string),
    topic: () => onDatabase(CHECKPOINT_FILE, () => topicOf(database)),
    lengths: () => onDatabase(CHECKPOINT_FILE, () => lengthsOf(database)),
    load: () => onDatabase(CHECKPOINT_FILE, () => loadState(database)),
    commit: (commit, beforeCommit) => {
      const closed = transaction(database, () => {
        const written = onDatabase(CHECKPOINT_FILE, () => writer.write(commit));
        beforeCommit?.();
        return written;
      });
      forgetAllChanges(commit.state);
      return closed;
    },
    closedChange: (length) => onDatabase(CHECKPOINT_FILE, () => lastChange(database, length)),
    changes: () =>
      onDatabase(CHECKPOINT_FILE, () => ({
        late: lastId(database, "late"),
        poison: lastId(database, "poison"),
      })),
    closed: (since, length = "1d") => rowsOfDatabase(CHECKPOINT_FILE, pagesClosed(database, since, length)),
    sources: (days) => onDatabase(CHECKPOINT_FILE, () => daySources(database, days)),
    late: (since) =>
      rowsOfDatabase(CHECKPOINT_FILE, deadLetterPages<LateEvent>(database, "late", "event", since)),
    poison: (since) =>
      rowsOfDatabase(CHECKPOINT_FILE, deadLetterPages<PoisonMessage>(database, "poison", "message", since)),
    inherit: (candles) => onDatabase(CHECKPOINT_FILE, () => inherit(database, candles)),
    close: () => database.close(),
  };
}

function inherit(database: DatabaseSync, candles: readonly WindowCandle[]): void {
  transaction(database, () => {
    const insert = database.prepare(INSERT_CLOSED.replace("REPLACE", "IGNORE"));
    for (const candle of candles) insert.run(...closedCells(candle), 0);
  });
}

function lastId(database: DatabaseSync, table: "late" | "poison"): number {
  const row = database.prepare(`SELECT coalesce(max(id), 0) AS id FROM ${table}`).get();
  return (row as { id: number }).id;
}

function lastChange(database: DatabaseSync, length: Interval): number {
  const row = database.prepare("SELECT coalesce(max(change), 0) AS change FROM closed WHERE length = ?");
  return (row.get(length) as { change: number }).change;
}

const PAGE_ROWS = 10_000;
const PAGE_CHARACTERS = 4_000_000;

/** A page ends at the limit of rows or of characters, whichever is reached first. */
function* deadLetterPages<Row>(
  database: DatabaseSync,
  table: "late" | "poison",
  column: string,
  since: number,
): Generator<Row[], void> {
  const statement = database.prepare(`SELECT ${column} AS text FROM ${table} WHERE id > ? ORDER BY id`);
  let page: Row[] = [];
  let characters = 0;
  for (const { text } of statement.iterate(since) as Iterable<unknown> as Iterable<{ text: string }>) {
    page.push({ ...(table === "late" ? formerLate(text) : {}), ...(JSON.parse(text) as Row) });
    characters += text.length;
    if (page.length < PAGE_ROWS && characters < PAGE_CHARACTERS) continue;
    yield page;
    page = [];
    characters = 0;
  }
  if (page.length > 0) yield page;
}

/** What late events of checkpoints up to form 4 do not have. */
function formerLate(text: string): Pick<LateEvent, "candle_interval" | "window_interval"> {
  return { candle_interval: text.startsWith('{"type":"kline"') ? "1m" : null, window_interval: "1d" };
}

/** Statements are made once: preparing them for every batch costs as much as running them. */
class CheckpointWriter {
  readonly #set: StatementSync;
  readonly #bump: StatementSync;
  readonly #partition: StatementSync;
  readonly #late: StatementSync;
  readonly #poison: StatementSync;
  readonly #count: StatementSync;
  readonly #close: ReturnType<typeof closedWriter>;
  readonly #writeSeries: ReturnType<typeof seriesWriter>;
  readonly #windows: ReturnType<typeof windowWriter>;

  constructor(database: DatabaseSync) {
    this.#set = database.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)");
    this.#bump = database.prepare(
      "UPDATE meta SET value = value + ? WHERE name = 'change' RETURNING CAST(value AS INTEGER) AS change",
    );
    this.#partition = database.prepare("INSERT OR REPLACE INTO partition VALUES (?, ?, ?, ?)");
    this.#late = database.prepare("INSERT INTO late (event) VALUES (?)");
    this.#poison = database.prepare("INSERT INTO poison (message) VALUES (?)");
    this.#count = database.prepare("INSERT OR REPLACE INTO count VALUES (?, ?)");
    this.#close = closedWriter(database);
    this.#writeSeries = seriesWriter(database);
    this.#windows = windowWriter(database);
  }

  write({ topic, state, output, gone }: CheckpointCommit): ClosedWindow[] {
    this.#set.run("topic", topic);
    this.#set.run("lengths", state.lengths.join());
    this.#set.run("lag", String(state.lag));
    state.partitions.forEach((progress, index) => {
      const largest = Number.isFinite(progress.seen) ? progress.seen : null;
      this.#partition.run(index, progress.next, largest, progress.digest);
    });
    for (const series of state.series.values()) {
      if (series.changed) this.#writeSeries(series);
      for (const { open } of series.sets) for (const window of open.values()) this.#windows.write(window);
    }
    for (const window of gone) this.#windows.drop(window);
    for (const [name, value] of Object.entries(state.counts)) this.#count.run(name, value);
    return this.#writeOutput(output);
  }

  #writeOutput({ closed, late, poison }: BatchOutput): ClosedWindow[] {
    const { change } = this.#bump.get(closed.length) as { change: number };
    const written = closed.flatMap((candle) => this.#close(candle, change));
    for (const event of late) this.#late.run(JSON.stringify(event));
    for (const message of poison) this.#poison.run(JSON.stringify(message));
    return written;
  }
}

function seriesWriter(database: DatabaseSync): (series: Series) => void {
  const put = database.prepare("INSERT OR REPLACE INTO series VALUES (?, ?, ?)");
  const seen = database.prepare("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)");
  const set = database.prepare("INSERT OR REPLACE INTO window_set VALUES (?, ?, ?, ?, ?)");
  return ({ symbol, interval, appended, ...series }) => {
    put.run(symbol, interval, appended);
    for (const { length, begins, closedThrough } of series.sets)
      set.run(symbol, interval, length, begins, closedThrough);
    series.seen.forEach((time, index) => {
      if (Number.isFinite(time)) seen.run(symbol, interval, index, time);
    });
  };
}

function windowWriter(database: DatabaseSync) {
  const put = database.prepare("INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?)");
  const putPrice = database.prepare("INSERT OR REPLACE INTO price VALUES (?, ?, ?, ?, ?, ?)");
  const own = "symbol = ? AND interval = ? AND length = ? AND start >= ? AND start < ?";
  const drops = ["block", "price"].map((table) => database.prepare(`DELETE FROM ${table} WHERE ${own}`));
  const writeSource = sourceWriter(database);
  return {
    write: (window: Window) => {
      const { symbol, interval, length, start, price } = window;
      writeSource(window);
      for (const index of window.changed) {
        const block = window.blocks[index];
        if (block !== null)
          put.run(symbol, interval, length, placeOf(window, index).start, blockBytes(block));
      }
      if (window.priceChanged && price !== null)
        putPrice.run(symbol, interval, length, start, price.price, price.eventTime);
    },
    drop: (window: Window) => {
      writeSource(window);
      const { symbol, interval, length, start, end } = window;
      for (const drop of drops) drop.run(symbol, interval, length, start, end);
    },
  };
}

const CLOSED = `length, symbol, start, interval, parts, open, high, low, close, volume, quote_volume, trades,
  taker_base, taker_quote, complete`;
const INSERT_CLOSED = `INSERT OR REPLACE INTO closed (${CLOSED}, change) VALUES (${"?, ".repeat(15)}?)`;

function closedCells(candle: WindowCandle) {
  const { length, symbol, start, interval, parts, open, high, low, close, volume } = candle;
  const { quoteVolume, trades, takerBase, takerQuote, complete } = candle;
  const figures = [volume, quoteVolume, trades, takerBase, takerQuote];
  return [length, symbol, start, interval, parts, open, high, low, close, ...figures, complete ? 1 : 0];
}

/** A window that is rebuilt from what the topic still has never replaces one that knew more of it. */
function closedWriter(database: DatabaseSync): (candle: WindowCandle, change: number) => ClosedWindow[] {
  const held = database.prepare(`SELECT ${CLOSED} FROM closed WHERE length = ? AND symbol = ? AND start = ?`);
  const insert = database.prepare(INSERT_CLOSED);
  return (candle, change) => {
    const before = held.get(candle.length, candle.symbol, candle.start);
    if (before !== undefined && !isBetter(candle, closedCandle(before))) return [];
    insert.run(...closedCells(candle), change);
    return [{ candle, replaces: before !== undefined }];
  };
}

function forgetAllChanges(state: StreamState): void {
  for (const series of state.series.values()) series.changed = false;
  for (const window of openWindowsOf(state)) forgetChanges(window);
}

/** The state as the last commit left it. */
export function loadState(database: DatabaseSync): StreamState {
  const state = emptyState(lengthsOf(database) ?? undefined);
  const rows = <Row>(sql: string) => database.prepare(sql).all() as unknown as Row[];
  for (const row of rows<{ partition: number; next: number; seen: number | null; digest: string | null }>(
    "SELECT * FROM partition ORDER BY partition",
  )) {
    const { next, digest } = row;
    state.partitions[row.partition] = { next, digest, seen: row.seen ?? Number.NEGATIVE_INFINITY };
  }
  loadSeries(state, rows);
  loadWindows(state, rows);
  loadSources(database, state);
  const [lag] = rows<{ value: string }>("SELECT value FROM meta WHERE name = 'lag'");
  state.lag = Number(lag?.value ?? 0);
  for (const { name, value } of rows<{ name: keyof Counts; value: number }>("SELECT * FROM count")) {
    state.counts[name] = value;
  }
  return state;
}

type Rows = <Row>(sql: string) => Row[];
type SeriesRow = Pick<Series, "symbol" | "interval">;
type SetRow = SeriesRow & { length: Interval };

function loadSeries(state: StreamState, rows: Rows): void {
  for (const { symbol, interval, appended } of rows<SeriesRow & { appended: EpochMs }>(
    "SELECT * FROM series",
  )) {
    const series = { symbol, interval, appended, seen: [], sets: [], changed: false };
    state.series.set(seriesName(series), series);
  }
  for (const row of rows<SetRow & { begins: EpochMs; closed_through: EpochMs }>("SELECT * FROM window_set")) {
    const set = { ...newSet(row.length), begins: row.begins, closedThrough: row.closed_through };
    seriesOf(state, row.symbol, row.interval).sets.push(set);
  }
  // In the order of the lengths, whatever that of the rows.
  for (const { sets } of state.series.values())
    sets.sort((a, b) => state.lengths.indexOf(a.length) - state.lengths.indexOf(b.length));
  for (const row of rows<SeriesRow & { partition: number; event_time: number }>("SELECT * FROM seen")) {
    const { seen } = seriesOf(state, row.symbol, row.interval);
    while (seen.length < row.partition) seen.push(Number.NEGATIVE_INFINITY);
    seen[row.partition] = row.event_time;
  }
}

function loadWindows(state: StreamState, rows: Rows): void {
  const windowAt = ({ symbol, interval, length }: SetRow, at: number): Window => {
    const series = seriesOf(state, symbol, interval);
    const set = setOf(series, length) as WindowSet;
    return windowOf(series, set, floorToInterval(at, length));
  };
  for (const row of rows<SetRow & { start: number; candles: Uint8Array }>("SELECT * FROM block")) {
    const window = windowAt(row, row.start);
    window.blocks[(row.start - window.start) / blockMs(row.interval)] = blockOf(row.candles);
  }
  for (const row of rows<SetRow & { start: number; price: number; event_time: EpochMs }>(
    "SELECT * FROM price",
  )) {
    windowAt(row, row.start).price = { price: row.price, eventTime: row.event_time };
  }
}

function* pagesClosed(
  database: DatabaseSync,
  since: number,
  length: Interval,
): Generator<WindowCandle[], void> {
  const statement = database.prepare(
    `SELECT ${CLOSED} FROM closed WHERE length = ? AND change > ? ORDER BY symbol, start`,
  );
  let page: WindowCandle[] = [];
  for (const row of statement.iterate(length, since)) {
    page.push(closedCandle(row));
    if (page.length < PAGE_ROWS) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** The days that closed last, the newest first. */
export function lastClosed(database: DatabaseSync, most: number): WindowCandle[] {
  return database
    .prepare(`SELECT ${CLOSED} FROM closed WHERE length = '1d' ORDER BY start DESC, symbol LIMIT ?`)
    .all(most)
    .map(closedCandle);
}

function lengthsOf(database: DatabaseSync): Interval[] | null {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'lengths'").get();
  return ((row as { value: string } | undefined)?.value.split(",") as Interval[] | undefined) ?? null;
}

/** Which topic the checkpoint belongs to; null before its first commit. */
export function topicOf(database: DatabaseSync): string | null {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'topic'").get();
  return (row as { value: string } | undefined)?.value ?? null;
}

function closedCandle(row: object): WindowCandle {
  type Row = Omit<WindowCandle, "quoteVolume" | "takerBase" | "takerQuote" | "complete">;
  type Figures = { quote_volume: number; taker_base: number; taker_quote: number; complete: number };
  const { quote_volume, taker_base, taker_quote, complete, ...rest } = row as Row & Figures;
  const figures = { quoteVolume: quote_volume, takerBase: taker_base, takerQuote: taker_quote };
  return { ...rest, ...figures, complete: complete === 1 };
}
