// The batch layer beside its rivals. Usage: node bench/batch/bench.ts FOLDER [ROUNDS] [RIVAL…]
// FOLDER holds files of `candlebook generate`, whose expected answers every rival's days are checked against.
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { compare, type Rival, resultTable } from "../harness.ts";

const [folder, rounds = "2", ...wanted] = process.argv.slice(2);
const files = globSync(join(resolve(folder), "*_made_up.csv")).sort();
const here = import.meta.dirname;
const python = resolve(here, "../../.cache/bench/bin/python");

const script = (name: string) => (out: string) => ({
  file: process.execPath,
  args: [join(here, name), ...files, out],
});
const pythonScript = (name: string) => (out: string) => ({
  file: python,
  args: [join(here, name), ...files, out],
  env: { POLARS_MAX_THREADS: "2" },
});
const rivals: (Rival & { days: string })[] = [
  { name: "candlebook", command: script("candlebook.ts"), days: "data_analysis/daily_batch/*.parquet" },
  { name: "DuckDB", command: script("duckdb.ts"), days: "daily.parquet" },
  { name: "Polars", command: pythonScript("polars_rival.py"), days: "*_daily.parquet" },
  { name: "PySpark", command: pythonScript("pyspark_rival.py"), days: "daily/*.parquet" },
];
const running = rivals.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

interface DayRow {
  symbol: string;
  day: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  minutes: number;
}

const expected = new Map<string, DayRow>();
for (const file of files) {
  const { symbol, days } = JSON.parse(readFileSync(file.replace(/\.csv$/, ".expected.json"), "utf8"));
  for (const day of days as DayRow[]) expected.set(`${symbol} ${day.day}`, day);
}

/** Prices and minutes exactly, volume to 1e-9. */
async function check(name: string, out: string): Promise<void> {
  const db = await DuckDBInstance.create(":memory:");
  const sql = await db.connect();
  const days = running.find((rival) => rival.name === name)?.days as string;
  const reader = await sql.runAndReadAll(
    `SELECT symbol, day::VARCHAR AS day, open, high, low, close, volume, minutes::INTEGER AS minutes
     FROM read_parquet('${join(out, days)}')`,
  );
  const rows = reader.getRowObjectsJS() as unknown as DayRow[];
  const wrong = rows.filter((row) => {
    const right = expected.get(`${row.symbol} ${row.day}`);
    if (right === undefined) return true;
    const same = (["open", "high", "low", "close", "minutes"] as const).every(
      (key) => row[key] === right[key],
    );
    return !same || Math.abs(row.volume / right.volume - 1) > 1e-9;
  });
  sql.closeSync();
  db.closeSync();
  if (rows.length !== expected.size || wrong.length > 0) {
    const [first] = wrong;
    const shown = first === undefined ? "" : `, such as ${JSON.stringify(first)}`;
    throw new Error(`${name}: ${rows.length} of ${expected.size} days, ${wrong.length} wrong${shown}`);
  }
}

const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-"));
try {
  console.log(resultTable(await compare({ rivals: running, rounds: Number(rounds), scratch, check })));
  console.log(`\n${files.length} files, ${expected.size} days: all agree, prices exactly, volume to 1e-9.`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
