// The embedded engine beside Spark on this machine, by the number of symbols, and where they cross.
// Usage: node bench/spark/bench.ts [COUNTS [FOLDER]]; COUNTS is 1,4,16,64; FOLDER holds files of `candlebook generate`,
// else they are made (30 days of each symbol) and removed again.
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { generate } from "../../src/simulator/generate.ts";
import type { Day } from "../../src/time/day.ts";
import { compare, type Rival } from "../harness.ts";

const [words = "1,4,16,64", given] = process.argv.slice(2);
const counts = words.split(",").map(Number);
const script = join(import.meta.dirname, "stages.ts");
const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-spark-"));

/** What one number of symbols took, by engine. */
interface Point {
  rows: number;
  /** Of the stages alone, without a server's start. */
  seconds: Record<string, number>;
}

async function inputs(): Promise<string[]> {
  const folder = given === undefined ? join(scratch, "made-up") : resolve(given);
  if (given === undefined) {
    const symbols = Array.from(
      { length: Math.max(...counts) },
      (_, i) => `S${String(i).padStart(4, "0")}USDT`,
    );
    await generate(folder, { seed: 11, from: "2025-09-01" as Day, to: "2025-09-30" as Day, symbols });
  }
  return globSync(join(folder, "*_made_up.csv")).sort();
}

/** Both must publish the same days, to the bit. */
async function daysOf(out: string): Promise<string> {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const table = join(out, "data_analysis/daily_batch/*.parquet");
  const reader = await db.runAndReadAll(
    `SELECT count(*)::VARCHAR || ' ' || bit_xor(hash(t))::VARCHAR AS digest FROM read_parquet('${table}') AS t`,
  );
  return String(reader.getRows()[0][0]);
}

async function measure(files: readonly string[], count: number): Promise<Point> {
  const own = files.slice(0, count);
  const rows = own.reduce((sum, file) => sum + readFileSync(file, "latin1").split("\n").length - 2, 0);
  const seconds: Record<string, number> = {};
  const digests = new Set<string>();
  const rivals: Rival[] = ["duckdb", "spark"].map((name) => ({
    name,
    command: (out) => ({ file: process.execPath, args: [script, name, ...own, out] }),
  }));
  const check = async (name: string, out: string) => {
    seconds[name] = JSON.parse(readFileSync(join(out, "seconds.json"), "utf8"));
    digests.add(await daysOf(out));
    if (digests.size > 1) throw new Error(`the engines' days differ at ${count} symbols`);
  };
  const measured = await compare({ rivals, rounds: 1, scratch, check });
  const cells = measured.flatMap(({ name, cpu, peak }) => [
    seconds[name].toFixed(1),
    cpu.toFixed(1),
    Math.round(peak / 1e6).toLocaleString("en"),
  ]);
  const ratio = (seconds.spark / seconds.duckdb).toFixed(1);
  console.log(`| ${[count, rows.toLocaleString("en"), ...cells, ratio].join(" | ")} |`);
  return { rows, seconds };
}

/** Where the engines take equally long: between two points that were measured, or beyond them by their last slopes. */
function crossing(points: readonly Point[]): string {
  const ahead = ({ seconds }: Point) => seconds.spark - seconds.duckdb;
  const at = points.findIndex((point, i) => i > 0 && ahead(points[i - 1]) > 0 && ahead(point) <= 0);
  if (at > 0) {
    const [a, b] = [points[at - 1], points[at]];
    const rows = a.rows + ((b.rows - a.rows) * ahead(a)) / (ahead(a) - ahead(b));
    return `They cross at about ${millions(rows)} million rows.`;
  }
  if (points.length < 2) return "One point has no slope.";
  const [a, b] = points.slice(-2);
  const slope = (engine: string) => (b.seconds[engine] - a.seconds[engine]) / (b.rows - a.rows);
  const told = ["duckdb", "spark"]
    .map((engine) => `${engine} ${(slope(engine) * 1e6).toFixed(2)} s`)
    .join(", ");
  const gain = slope("duckdb") - slope("spark");
  const where =
    gain <= 0
      ? "the lines never meet"
      : `by these slopes they would meet at about ${millions(b.rows + ahead(b) / gain)} million rows`;
  return `No crossing point up to ${millions(b.rows)} million rows; a million rows more: ${told}; ${where}.`;
}

const millions = (rows: number) => (rows / 1e6).toFixed(2);

try {
  const files = await inputs();
  const most = Math.max(...counts);
  if (most > files.length) throw new Error(`there are ${files.length} files, not ${most}`);
  console.log(
    "| symbols | rows | DuckDB, s | processor, s | peak, MB | Spark, s | processor, s | peak, MB | ratio |",
  );
  console.log("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
  const points: Point[] = [];
  for (const count of counts) points.push(await measure(files, count));
  console.log(`\n${crossing(points)}`);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
