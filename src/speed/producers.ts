import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { inWorkspace, type Workspace } from "../core/workspace.ts";

/** How a symbol's way into the topic fares, as the producer of this workspace told last; counted since it began. */
export interface ProducerState {
  symbol: string;
  /** Of the connection that carries the symbol. */
  reconnects: number;
  rollovers: number;
  /** Minutes that REST brought. */
  repaired: number;
  /** Minutes that are missing still. */
  owed: number;
  /** Messages of the producer that wait for the topic. */
  waiting: number;
  /** Grows while the producer is alive. */
  beat: number;
  /** The producer has not ended; where it was killed, the beat stands still. */
  running: boolean;
}

/** Takes a producer's word; an earlier producer's of the same symbol is forgotten. */
export interface ProducerBook {
  tell(states: readonly Omit<ProducerState, "beat">[]): void;
  close(): void;
}

const pathOf = (workspace: Workspace) => inWorkspace(workspace, "data", "producers.db");

/**
 * The book of the workspace's producers. It tells people how things go and nothing is computed from it: what can't be
 * written now (a full disk, a folder that is read-only) is told with the next word, and never ends the producer.
 */
export function openProducerBook(workspace: Workspace): ProducerBook {
  let database: DatabaseSync | null = null;
  let beat = 0;
  const write = (states: readonly Omit<ProducerState, "beat">[]) => {
    database ??= create(pathOf(workspace));
    const insert = database.prepare("INSERT OR REPLACE INTO producer VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    for (const { symbol, reconnects, rollovers, repaired, owed, waiting, running } of states) {
      insert.run(symbol, reconnects, rollovers, repaired, owed, waiting, beat, running ? 1 : 0);
    }
  };
  return {
    tell: (states) => {
      beat += 1;
      try {
        write(states);
      } catch {}
    },
    close: () => database?.close(),
  };
}

function create(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 1_000 });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
    CREATE TABLE IF NOT EXISTS producer (symbol TEXT PRIMARY KEY, reconnects INTEGER, rollovers INTEGER,
      repaired INTEGER, owed INTEGER, waiting INTEGER, beat INTEGER, running INTEGER)`);
  return database;
}

/** What the workspace's producers told last, by symbol; a producer elsewhere tells nothing here. */
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
    // Half made, or no database any more: the next producer's word replaces it.
    return [];
  } finally {
    database?.close();
  }
}
