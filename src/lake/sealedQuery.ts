import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type Json,
  StatementType,
} from "@duckdb/node-api";
import { inputError } from "../core/errors.ts";
import { literal } from "./literal.ts";

/** Rows by column name; days and instants as ISO text, whole numbers as numbers if they fit, else as text. */
export interface Answer {
  columns: string[];
  rows: Record<string, Json>[];
}

/** @see Lake.queryEach */
export async function queryEach(
  connection: DuckDBConnection,
  sql: string,
  files: readonly string[],
  take: (piece: Answer) => boolean,
): Promise<void> {
  await seal(connection, files);
  const result = await (await question(connection, sql)).stream();
  const columns = result.deduplicatedColumnNames();
  if (!take({ columns, rows: [] })) return;
  const toRow = rowMaker(result, columns);
  for await (const cells of result.yieldRowsJson()) {
    if (!take({ columns, rows: cells.map(toRow) })) return;
  }
}

/** @see Lake.queryInto */
export async function queryInto(
  connection: DuckDBConnection,
  sql: string,
  files: readonly string[],
  path: string,
): Promise<number> {
  await seal(connection, [...files, path]);
  await question(connection, sql);
  // The statement is at the end, so that it can't close a bracket of ours and continue.
  await connection.run(`CREATE TEMP TABLE answer AS ${sql}`);
  await connection.run(`COPY answer TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`);
  const [[rows]] = await (await connection.runAndReadAll("SELECT count(*) FROM answer")).getRowsJS();
  return Number(rows);
}

async function seal(connection: DuckDBConnection, files: readonly string[]): Promise<void> {
  await connection.run(`SET allowed_paths = [${files.map(literal).join(", ")}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

async function question(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  if (statements.count !== 1) throw notOneSelect();
  const statement = await statements.prepare(0);
  if (statement.statementType !== StatementType.SELECT) throw notOneSelect();
  return statement;
}

function notOneSelect(): Error {
  return inputError(
    "not_a_question",
    "The statement is not a single SELECT.",
    "Ask one question: SELECT … FROM a published table. Nothing can be written.",
  );
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
