// The embedded engine beside Spark on this machine, by the number of symbols.
// Usage: node bench/spark/bench.ts FOLDER [COUNTS]; FOLDER holds files of `candlebook generate`, COUNTS is 1,4,16,64.
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { compare, type Rival } from "../harness.ts";

const [folder, counts = "1,4,16,64"] = process.argv.slice(2);
const files = globSync(join(resolve(folder), "*_made_up.csv")).sort();
const script = join(import.meta.dirname, "stages.ts");
const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-spark-"));

/** Both must publish the same days, to the bit. */
async function daysOf(out: string): Promise<string> {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const table = join(out, "data_analysis/daily_batch/*.parquet");
  const reader = await db.runAndReadAll(
    `SELECT count(*)::VARCHAR || ' ' || bit_xor(hash(t))::VARCHAR AS digest FROM read_parquet('${table}') AS t`,
  );
  return String(reader.getRows()[0][0]);
}

console.log(
  "| symbols | rows | DuckDB, s | processor, s | peak, MB | Spark, s | processor, s | peak, MB | ratio |",
);
console.log("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
try {
  for (const count of counts.split(",").map(Number)) {
    if (count > files.length) throw new Error(`there are ${files.length} files, not ${count}`);
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
    const [duckdb, spark] = await compare({ rivals, rounds: 1, scratch, check });
    const cells = [duckdb, spark].flatMap(({ name, cpu, peak }) => [
      seconds[name].toFixed(1),
      cpu.toFixed(1),
      Math.round(peak / 1e6),
    ]);
    const ratio = (seconds.spark / seconds.duckdb).toFixed(1);
    console.log(`| ${[count, rows.toLocaleString("en"), ...cells, ratio].join(" | ")} |`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
