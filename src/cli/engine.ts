import type { Command } from "commander";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { SparkSession } from "../spark/sparkSession.ts";
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
  if (engine === "spark") return onSpark(sparkUrl, effects, work);
  refuseOtherEngine({ engine, sparkUrl });
  return work(null);
}

/** @throws CandlebookError `bad_option` where the options name another engine than the embedded one */
export function refuseOtherEngine({ engine = "duckdb", sparkUrl }: EngineOptions): void {
  if (engine === "duckdb" && sparkUrl === undefined) return;
  throw inputError(
    "bad_option",
    engine === "duckdb"
      ? "--spark-url is named, but not --engine spark."
      : `--engine is "${printable(engine)}"; expected duckdb or spark.`,
    "See --help.",
  );
}

/** Loads the client when it is needed: the other commands start without gRPC and Arrow. */
export async function onSpark<Result>(
  url: string | undefined,
  effects: Effects,
  work: (session: SparkSession) => Promise<Result>,
): Promise<Result> {
  const { withSpark } = await import("../spark/withSpark.ts");
  return withSpark(url, effects, work);
}
