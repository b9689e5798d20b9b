import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type DatabaseFile, databaseError, onDatabase } from "../../core/databaseError.ts";
import { failure } from "../../core/errors.ts";
import { makeFolder } from "../../core/files.ts";
import { inWorkspace, type Workspace } from "../../core/workspace.ts";

/** The schema version of checkpoints. An older checkpoint is upgraded when it is opened; a newer one is refused. */
export const CHECKPOINT_SCHEMA = 5;

/** `upgrades[n]` upgrades version n to n + 1; version 0 is the empty file. */
const upgrades: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE partition (partition INTEGER PRIMARY KEY, next INTEGER NOT NULL, seen INTEGER, digest TEXT);
  CREATE TABLE symbol (symbol TEXT PRIMARY KEY, appended INTEGER NOT NULL, closed_through INTEGER NOT NULL);
  CREATE TABLE seen (symbol TEXT, partition INTEGER, event_time INTEGER NOT NULL, PRIMARY KEY (symbol, partition));
  CREATE TABLE hour (symbol TEXT, start INTEGER, minutes BLOB NOT NULL, PRIMARY KEY (symbol, start));
  CREATE TABLE price (symbol TEXT, day INTEGER, price REAL NOT NULL, event_time INTEGER NOT NULL, PRIMARY KEY (symbol, day));
  CREATE TABLE closed (symbol TEXT, day TEXT, open REAL, high REAL, low REAL, close REAL, volume REAL,
    minutes INTEGER, complete INTEGER NOT NULL, PRIMARY KEY (symbol, day));
  CREATE TABLE late (id INTEGER PRIMARY KEY, event TEXT NOT NULL);
  CREATE TABLE poison (id INTEGER PRIMARY KEY, message TEXT NOT NULL);
  CREATE TABLE count (name TEXT PRIMARY KEY, value INTEGER NOT NULL);`,
  `
  CREATE TABLE source (symbol TEXT, day INTEGER, partition INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL,
    messages INTEGER NOT NULL, PRIMARY KEY (symbol, day, partition));`,
  // The change that closed a day, so that only new ones are published. It is unknown for earlier days: they count as
  // the newest.
  `
  ALTER TABLE closed ADD COLUMN change INTEGER NOT NULL DEFAULT 0;
  UPDATE closed SET change = (SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'change');
  CREATE INDEX closed_change ON closed (change);`,
  // Hours of earlier checkpoints have shorter blobs, which are read as they are.
  `
  ALTER TABLE closed ADD COLUMN quote_volume REAL;
  ALTER TABLE closed ADD COLUMN trades INTEGER;
  ALTER TABLE closed ADD COLUMN taker_base REAL;`,
  // Before, all series were minutes and all windows days.
  `
  CREATE TABLE series (symbol TEXT, interval TEXT, appended INTEGER NOT NULL, PRIMARY KEY (symbol, interval));
  INSERT INTO series SELECT symbol, '1m', appended FROM symbol;
  CREATE TABLE window_set (symbol TEXT, interval TEXT, length TEXT, begins INTEGER NOT NULL,
    closed_through INTEGER NOT NULL, PRIMARY KEY (symbol, interval, length));
  INSERT INTO window_set SELECT symbol, '1m', '1d', 0, closed_through FROM symbol;
  DROP TABLE symbol;
  ALTER TABLE seen RENAME TO former;
  CREATE TABLE seen (symbol TEXT, interval TEXT, partition INTEGER, event_time INTEGER NOT NULL,
    PRIMARY KEY (symbol, interval, partition));
  INSERT INTO seen SELECT symbol, '1m', partition, event_time FROM former;
  DROP TABLE former;
  CREATE TABLE block (symbol TEXT, interval TEXT, length TEXT, start INTEGER, candles BLOB NOT NULL,
    PRIMARY KEY (symbol, interval, length, start));
  INSERT INTO block SELECT symbol, '1m', '1d', start, minutes FROM hour;
  DROP TABLE hour;
  ALTER TABLE price RENAME TO former;
  CREATE TABLE price (symbol TEXT, interval TEXT, length TEXT, start INTEGER, price REAL NOT NULL,
    event_time INTEGER NOT NULL, PRIMARY KEY (symbol, interval, length, start));
  INSERT INTO price SELECT symbol, '1m', '1d', day, price, event_time FROM former;
  DROP TABLE former;
  ALTER TABLE source RENAME TO former;
  CREATE TABLE source (symbol TEXT, interval TEXT, day INTEGER, partition INTEGER, first INTEGER NOT NULL,
    last INTEGER NOT NULL, messages INTEGER NOT NULL, PRIMARY KEY (symbol, interval, day, partition));
  INSERT INTO source SELECT symbol, '1m', day, partition, first, last, messages FROM former;
  DROP TABLE former;
  ALTER TABLE closed RENAME TO former;
  DROP INDEX closed_change;
  CREATE TABLE closed (length TEXT, symbol TEXT, start INTEGER, interval TEXT NOT NULL, parts INTEGER NOT NULL,
    open REAL, high REAL, low REAL, close REAL, volume REAL, quote_volume REAL, trades INTEGER, taker_base REAL,
    taker_quote REAL, complete INTEGER NOT NULL, change INTEGER NOT NULL, PRIMARY KEY (length, symbol, start));
  INSERT INTO closed SELECT '1d', symbol, unixepoch(day) * 1000, '1m', minutes, open, high, low, close, volume,
    quote_volume, trades, taker_base, NULL, complete, change FROM former;
  DROP TABLE former;
  CREATE INDEX closed_change ON closed (length, change);
  INSERT INTO meta SELECT 'lengths', '1d' FROM meta WHERE name = 'topic';`,
];

/** The file of the checkpoint, and the error where it is damaged. */
export const CHECKPOINT_FILE: DatabaseFile = {
  file: "data/checkpoint.db",
  damaged: {
    code: "damaged_checkpoint",
    next: "Delete it and run consume again: it is rebuilt from the topic; the published days stay.",
  },
};

export function checkpointPath(workspace: Workspace): string {
  return inWorkspace(workspace, "data", "checkpoint.db");
}

/**
 * Opens the checkpoint's database, created or upgraded if need be; each commit is on the disk when it returns.
 * @throws CandlebookError `newer_checkpoint`, `damaged_checkpoint`
 */
export function openCheckpointDatabase(path: string): DatabaseSync {
  makeFolder(dirname(path));
  const database = onDatabase(CHECKPOINT_FILE, () => new DatabaseSync(path, { timeout: 30_000 }));
  try {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    transaction(database, () => upgrade(database));
    return database;
  } catch (error) {
    database.close();
    throw databaseError(error, CHECKPOINT_FILE);
  }
}

/** Opens it read-only; null where there is none. */
export function readCheckpointDatabase(path: string): DatabaseSync | null {
  if (!existsSync(path)) return null;
  const database = new DatabaseSync(path, { readOnly: true, timeout: 30_000 });
  const version = schemaOf(database);
  if (version === CHECKPOINT_SCHEMA) return database;
  database.close();
  if (version > CHECKPOINT_SCHEMA) throw newer(version);
  return null;
}

function schemaOf(database: DatabaseSync): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}

function upgrade(database: DatabaseSync): void {
  const version = schemaOf(database);
  if (version > CHECKPOINT_SCHEMA) throw newer(version);
  for (const step of upgrades.slice(version)) database.exec(step);
  if (version === 0) database.prepare("INSERT INTO meta VALUES ('id', ?), ('change', '0')").run(randomUUID());
  database.exec(`PRAGMA user_version = ${CHECKPOINT_SCHEMA}`);
}

/** Runs `work` as one transaction: the checkpoint has all of it afterwards, or nothing. */
export function transaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function newer(version: number): Error {
  return failure(
    "newer_checkpoint",
    `The checkpoint has form ${version}; this candlebook reads forms up to ${CHECKPOINT_SCHEMA}.`,
    "Update candlebook, or use another workspace.",
  );
}
