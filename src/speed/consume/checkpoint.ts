import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DailyCandle } from "../../candle/candle.ts";
import { onDatabase, rowsOfDatabase } from "../../core/databaseError.ts";
import type { Day } from "../../time/day.ts";
import { DAY_MS, type EpochMs, HOUR_MS } from "../../time/epoch.ts";
import { CHECKPOINT_FILE, openCheckpointDatabase, transaction } from "./checkpointSchema.ts";
import { daySources, loadSources, sourceWriter } from "./checkpointSources.ts";
import { type DayWindow, forgetChanges } from "./dayWindow.ts";
import { blockBytes, blockOf } from "./hourBlock.ts";
import {
  type BatchOutput,
  type Counts,
  emptyState,
  type LateEvent,
  type PoisonMessage,
  type StreamState,
  windowOf,
} from "./state.ts";
import { newProgress, type SymbolProgress } from "./watermark.ts";
import type { DaySource } from "./windowSource.ts";

/** What one commit writes. */
export interface CheckpointCommit {
  topic: string;
  state: StreamState;
  output: BatchOutput;
  /** Windows that this batch closed. */
  gone: readonly DayWindow[];
}

/** Windows, watermarks and next offsets on the disk; one commit holds all three, or none of them. */
export interface Checkpoint {
  /** Of this checkpoint; another one counts its changes from 0. */
  readonly id: string;
  /** Which topic its offsets belong to; null before the first commit. */
  topic(): string | null;
  load(): StreamState;
  /**
   * Writes what changed since the last commit.
   * @param beforeCommit called when all is written and nothing is committed yet
   */
  commit(commit: CheckpointCommit, beforeCommit?: () => void): void;
  /** Numbers that grow with every closed row, late event and poison message. */
  changes(): { closed: number; late: number; poison: number };
  /**
   * The days that closed since a change, by symbol and day, page by page: there may be millions, and one page is held
   * at a time.
   */
  closed(since: number): Iterable<DailyCandle[]>;
  /** The origin of days, closed or open; those of unknown origin are left out. */
  sources(days: readonly { symbol: string; day: Day }[]): DaySource[];
  /** Late events and poison messages since a change, oldest first, page by page. */
  late(since: number): Iterable<LateEvent[]>;
  poison(since: number): Iterable<PoisonMessage[]>;
  /** Adds days that an earlier checkpoint closed; those it has already are kept. */
  inherit(days: readonly DailyCandle[]): void;
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
    load: () => onDatabase(CHECKPOINT_FILE, () => loadState(database)),
    commit: (commit, beforeCommit) => {
      transaction(database, () => {
        onDatabase(CHECKPOINT_FILE, () => writer.write(commit));
        beforeCommit?.();
      });
      forgetAllChanges(commit.state);
    },
    changes: () => ({
      closed: Number(meta("change")),
      late: lastId(database, "late"),
      poison: lastId(database, "poison"),
    }),
    closed: (since) => rowsOfDatabase(CHECKPOINT_FILE, pagesClosed(database, since)),
    sources: (days) => onDatabase(CHECKPOINT_FILE, () => daySources(database, days)),
    late: (since) =>
      rowsOfDatabase(CHECKPOINT_FILE, deadLetterPages<LateEvent>(database, "late", "event", since)),
    poison: (since) =>
      rowsOfDatabase(CHECKPOINT_FILE, deadLetterPages<PoisonMessage>(database, "poison", "message", since)),
    inherit: (days) =>
      transaction(database, () => {
        const insert = closedWriter(database, "NOTHING");
        for (const day of days) insert(day, 0);
      }),
    close: () => database.close(),
  };
}

function lastId(database: DatabaseSync, table: "late" | "poison"): number {
  const row = database.prepare(`SELECT coalesce(max(id), 0) AS id FROM ${table}`).get();
  return (row as { id: number }).id;
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
    page.push(JSON.parse(text) as Row);
    characters += text.length;
    if (page.length < PAGE_ROWS && characters < PAGE_CHARACTERS) continue;
    yield page;
    page = [];
    characters = 0;
  }
  if (page.length > 0) yield page;
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
  readonly #writeSymbol: ReturnType<typeof symbolWriter>;
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
    this.#close = closedWriter(database, BETTER);
    this.#writeSymbol = symbolWriter(database);
    this.#windows = windowWriter(database);
  }

  write({ topic, state, output, gone }: CheckpointCommit): void {
    this.#set.run("topic", topic);
    this.#set.run("lag", String(state.lag));
    state.partitions.forEach((progress, index) => {
      const largest = Number.isFinite(progress.seen) ? progress.seen : null;
      this.#partition.run(index, progress.next, largest, progress.digest);
    });
    for (const [name, progress] of state.symbols) if (progress.changed) this.#writeSymbol(name, progress);
    for (const days of state.windows.values())
      for (const window of days.values()) this.#windows.write(window);
    for (const window of gone) this.#windows.drop(window);
    this.#writeOutput(output);
    for (const [name, value] of Object.entries(state.counts)) this.#count.run(name, value);
  }

  #writeOutput({ closed, late, poison }: BatchOutput): void {
    const { change } = this.#bump.get(closed.length) as { change: number };
    for (const day of closed) this.#close(day, change);
    for (const event of late) this.#late.run(JSON.stringify(event));
    for (const message of poison) this.#poison.run(JSON.stringify(message));
  }
}

function symbolWriter(database: DatabaseSync): (name: string, progress: SymbolProgress) => void {
  const symbol = database.prepare("INSERT OR REPLACE INTO symbol VALUES (?, ?, ?)");
  const seen = database.prepare("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)");
  return (name, progress) => {
    symbol.run(name, progress.appended, progress.closedThrough);
    progress.seen.forEach((time, index) => {
      if (Number.isFinite(time)) seen.run(name, index, time);
    });
  };
}

function windowWriter(database: DatabaseSync) {
  const hour = database.prepare("INSERT OR REPLACE INTO hour VALUES (?, ?, ?)");
  const price = database.prepare("INSERT OR REPLACE INTO price VALUES (?, ?, ?, ?)");
  const dropHours = database.prepare("DELETE FROM hour WHERE symbol = ? AND start >= ? AND start < ?");
  const dropPrice = database.prepare("DELETE FROM price WHERE symbol = ? AND day = ?");
  const writeSource = sourceWriter(database);
  return {
    write: (window: DayWindow) => {
      writeSource(window);
      for (const index of window.changed) {
        const block = window.hours[index];
        if (block !== null) hour.run(window.symbol, window.start + index * HOUR_MS, blockBytes(block));
      }
      if (window.priceChanged && window.price !== null) {
        price.run(window.symbol, window.start, window.price.price, window.price.eventTime);
      }
    },
    drop: (window: DayWindow) => {
      writeSource(window);
      dropHours.run(window.symbol, window.start, window.end);
      dropPrice.run(window.symbol, window.start);
    },
  };
}

/** A day that is rebuilt from what the topic still holds never replaces one that knew more of it. */
const BETTER = `UPDATE SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
  volume = excluded.volume, minutes = excluded.minutes, complete = excluded.complete, change = excluded.change
  WHERE excluded.minutes >= closed.minutes`;

/** @param otherwise what to do where the day is there already */
function closedWriter(
  database: DatabaseSync,
  otherwise: "NOTHING" | typeof BETTER,
): (row: DailyCandle, change: number) => void {
  const insert = database.prepare(
    `INSERT INTO closed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (symbol, day) DO ${otherwise}`,
  );
  return ({ symbol, day, open, high, low, close, volume, minutes, complete }, change) => {
    insert.run(symbol, day, open, high, low, close, volume, minutes, complete ? 1 : 0, change);
  };
}

function forgetAllChanges(state: StreamState): void {
  for (const progress of state.symbols.values()) progress.changed = false;
  for (const days of state.windows.values()) for (const window of days.values()) forgetChanges(window);
}

/** The state as the last commit left it. */
export function loadState(database: DatabaseSync): StreamState {
  const state = emptyState();
  const rows = <Row>(sql: string) => database.prepare(sql).all() as unknown as Row[];
  for (const row of rows<{ partition: number; next: number; seen: number | null; digest: string | null }>(
    "SELECT * FROM partition ORDER BY partition",
  )) {
    const { next, digest } = row;
    state.partitions[row.partition] = { next, digest, seen: row.seen ?? Number.NEGATIVE_INFINITY };
  }
  for (const row of rows<{ symbol: string; appended: number; closed_through: number }>(
    "SELECT * FROM symbol",
  )) {
    const progress = newProgress();
    progress.appended = row.appended as EpochMs;
    progress.closedThrough = row.closed_through as EpochMs;
    progress.changed = false;
    state.symbols.set(row.symbol, progress);
  }
  for (const row of rows<{ symbol: string; partition: number; event_time: number }>("SELECT * FROM seen")) {
    const seen = state.symbols.get(row.symbol)?.seen ?? [];
    while (seen.length < row.partition) seen.push(Number.NEGATIVE_INFINITY);
    seen[row.partition] = row.event_time;
  }
  loadWindows(state, rows);
  loadSources(database, state);
  const [lag] = rows<{ value: string }>("SELECT value FROM meta WHERE name = 'lag'");
  state.lag = Number(lag?.value ?? 0);
  for (const { name, value } of rows<{ name: keyof Counts; value: number }>("SELECT * FROM count")) {
    state.counts[name] = value;
  }
  return state;
}

function loadWindows(state: StreamState, rows: <Row>(sql: string) => Row[]): void {
  for (const row of rows<{ symbol: string; start: number; minutes: Uint8Array }>("SELECT * FROM hour")) {
    const start = (row.start - (row.start % DAY_MS)) as EpochMs;
    windowOf(state, row.symbol, start).hours[(row.start - start) / HOUR_MS] = blockOf(row.minutes);
  }
  for (const row of rows<{ symbol: string; day: number; price: number; event_time: number }>(
    "SELECT * FROM price",
  )) {
    windowOf(state, row.symbol, row.day as EpochMs).price = {
      price: row.price,
      eventTime: row.event_time as EpochMs,
    };
  }
}

const CLOSED = "SELECT symbol, day, open, high, low, close, volume, minutes, complete FROM closed";

function* pagesClosed(database: DatabaseSync, since: number): Generator<DailyCandle[], void> {
  const statement = database.prepare(`${CLOSED} WHERE change > ? ORDER BY symbol, day`);
  let page: unknown[] = [];
  for (const row of statement.iterate(since) as Iterable<unknown>) {
    page.push(row);
    if (page.length < PAGE_ROWS) continue;
    yield closedRows(page);
    page = [];
  }
  if (page.length > 0) yield closedRows(page);
}

/** The days that closed last, the newest first. */
export function lastClosed(database: DatabaseSync, most: number): DailyCandle[] {
  return closedRows(database.prepare(`${CLOSED} ORDER BY day DESC, symbol LIMIT ?`).all(most));
}

/** Which topic the checkpoint belongs to; null before its first commit. */
export function topicOf(database: DatabaseSync): string | null {
  const row = database.prepare("SELECT value FROM meta WHERE name = 'topic'").get();
  return (row as { value: string } | undefined)?.value ?? null;
}

function closedRows(rows: unknown[]): DailyCandle[] {
  type Row = Omit<DailyCandle, "origin" | "complete"> & { complete: number };
  return (rows as Row[]).map((row) => ({ ...row, origin: "speed", complete: row.complete === 1 }));
}
