import type { Command } from "commander";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { SparkSession } from "../spark/session.ts";
import { withSpark } from "../spark/use.ts";
import { printable } from "./terminal.ts";

/** Of the commands that can work on Spark. */
export interface EngineOptions {
  engine?: string;
  sparkUrl?: string;
}

export function addEngineOptions(command: Command): Command {
  return command
    .option("--engine <name>", "duckdb, in this process, or spark (default: duckdb)")
    .option("--spark-url <url>", "sc://host:port (default: the server of candlebook spark start)");
}

/**
 * Does some work with a Spark session where Spark was asked for, else with null.
 * @throws CandlebookError `bad_option`
 */
export async function onEngine<Result>(
  { engine = "duckdb", sparkUrl }: EngineOptions,
  effects: Effects,
  work: (session: SparkSession | null) => Promise<Result>,
): Promise<Result> {
  if (engine === "spark") return withSpark(sparkUrl, effects, work);
  if (engine === "duckdb" && sparkUrl === undefined) return work(null);
  throw inputError(
    "bad_option",
    engine === "duckdb"
      ? "--spark-url is named, but not --engine spark."
      : `--engine is "${printable(engine)}"; expected duckdb or spark.`,
    "See --help.",
  );
}
