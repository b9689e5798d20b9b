import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { makeFolder } from "../../core/files.ts";
import { inWorkspace, type Workspace } from "../../core/workspace.ts";

/** The state of one symbol's producer in this workspace, as it wrote it last; counted since its start. */
export interface ProducerState {
  /** By `seriesName`. */
  symbol: string;
  /** Of the connection that carries the symbol. */
  reconnects: number;
  rollovers: number;
  /** Candles fetched over REST. */
  repaired: number;
  /** Candles that are still missing. */
  owed: number;
  /** Messages of the producer that wait for the topic. */
  waiting: number;
  /** Grows while the producer is alive. */
  beat: number;
  /** The producer has not ended; where it was killed, the beat does not change. */
  running: boolean;
}

/** Writes a producer's states; that of an earlier producer of the same symbol is replaced. */
export interface ProducerStates {
  write(states: readonly Omit<ProducerState, "beat">[]): void;
  close(): void;
}

const pathOf = (workspace: Workspace) => inWorkspace(workspace, "data", "producers.db");

/**
 * The states of the workspace's producers. They are for people, and nothing is computed from them: a write that fails
 * (a full disk, a read-only folder) is replaced by the next one, and never ends the producer.
 */
export function openProducerStates(workspace: Workspace): ProducerStates {
  let database: DatabaseSync | null = null;
  let beat = 0;
  const insertAll = (states: readonly Omit<ProducerState, "beat">[]) => {
    database ??= create(pathOf(workspace));
    const insert = database.prepare("INSERT OR REPLACE INTO producer VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (const { symbol, reconnects, rollovers, repaired, owed, waiting, running } of states) {
      insert.run(symbol, reconnects, rollovers, repaired, owed, waiting, beat, running ? 1 : 0);
    }
  };
  return {
    write: (states) => {
      beat += 1;
      try {
        insertAll(states);
      } catch {}
    },
    close: () => database?.close(),
  };
}

function create(path: string): DatabaseSync {
  makeFolder(dirname(path));
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS producer (symbol TEXT PRIMARY KEY, reconnects INTEGER, rollovers INTEGER,
      repaired INTEGER, owed INTEGER, waiting INTEGER, beat INTEGER, running INTEGER)`);
  return database;
}

/** The last states of the workspace's producers, by symbol; a producer of another workspace writes none here. */
export function producersOf(workspace: Workspace): ProducerState[] {
  if (!existsSync(pathOf(workspace))) return [];
  let database: DatabaseSync | null = null;
  try {
    database = new DatabaseSync(pathOf(workspace), { readOnly: true, timeout: 1_000 });
    const rows = database.prepare("SELECT * FROM producer ORDER BY symbol").all();
    return (rows as unknown as (Omit<ProducerState, "running"> & { running: number })[]).map((row) => ({
      ...row,
      running: row.running === 1,
    }));
  } catch {
    // Incomplete or damaged: the next producer's write replaces it.
    return [];
  } finally {
    database?.close();
  }
}
