import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from "@duckdb/node-api";
import { checkReferences, notOneSelect } from "./allowedSql.ts";
import { guardEngine, type QueryLimits } from "./engineGuard.ts";
import { literal } from "./literal.ts";

/** A value of an answer; lists and structs are nested. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Rows by column name; days and instants as ISO text, whole numbers as numbers if they fit, else as text. */
export interface Answer {
  columns: string[];
  rows: Record<string, Json>[];
}

/** What an untrusted query may use. */
export interface QueryAccess {
  /** The names of the views that it may name. */
  tables: readonly string[];
  /** The names of published folders without rows to query: of CSV files or pictures. */
  folders: readonly string[];
  /** The files that those read, absolute. */
  files: readonly string[];
  limits: QueryLimits;
}

/** Upper limit of what a query may write to the temporary folder. */
const TEMPORARY_DISK = "10GB";

/** @see Lake.queryEach */
export async function queryEach(
  connection: DuckDBConnection,
  sql: string,
  access: QueryAccess,
  take: (piece: Answer) => boolean,
): Promise<void> {
  await seal(connection, access.files);
  const statement = await question(connection, sql, access);
  const guard = await guardEngine(connection, access.limits);
  const result = await guard.during(statement.stream());
  const columns = result.deduplicatedColumnNames();
  if (!take({ columns, rows: [] })) return;
  const toRow = rowMaker(result, columns);
  const pieces = result.yieldRowsJson();
  for (;;) {
    const piece = await guard.during(pieces.next());
    if (piece.done || !take({ columns, rows: piece.value.map(toRow) })) return;
  }
}

/** @see Lake.queryInto */
export async function queryInto(
  connection: DuckDBConnection,
  sql: string,
  access: QueryAccess,
  path: string,
): Promise<number> {
  await seal(connection, [...access.files, path]);
  await question(connection, sql, access);
  const guard = await guardEngine(connection, access.limits);
  // The statement is at the end, so that it can't close a bracket of ours and continue.
  await guard.during(connection.run(`CREATE TEMP TABLE answer AS ${sql}`));
  await guard.during(connection.run(`COPY answer TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`));
  const [[rows]] = await (await connection.runAndReadAll("SELECT count(*) FROM answer")).getRowsJS();
  return Number(rows);
}

async function seal(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  await connection.run(`SET max_temp_directory_size = '${TEMPORARY_DISK}'`);
  await connection.run(`SET allowed_paths = [${files.map(literal).join(", ")}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

async function question(
  connection: DuckDBConnection,
  sql: string,
  access: QueryAccess,
): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw notOneSelect();
  // Before it is prepared: that already opens files.
  await checkReferences(connection, sql, access);
  return statements.prepare(0);
}

function rowMaker(result: DuckDBResult, columns: readonly string[]) {
  const whole = result.columnTypes().map((type) => /INT$/.test(String(type)));
  return (cells: Json[]) =>
    Object.fromEntries(columns.map((name, i) => [name, whole[i] ? wholeNumber(cells[i]) : cells[i]]));
}

function wholeNumber(cell: Json): Json {
  const value = Number(cell);
  return cell === null || !Number.isSafeInteger(value) ? cell : value;
}
