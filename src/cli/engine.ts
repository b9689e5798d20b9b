import type { Command } from "commander";
import type { Effects } from "../core/effects.ts";
import { inputError } from "../core/errors.ts";
import type { SparkSession } from "../spark/sparkSession.ts";
import { badValue } from "./terminal.ts";

/** Options of the commands that can run on Spark. */
export interface EngineOptions {
  engine?: string;
  sparkUrl?: string;
}

export function addEngineOptions(command: Command): Command {
  return command
    .option("--engine <name>", "engine: duckdb, in this process, or spark (default: duckdb)")
    .option(
      "--spark-url <url>",
      "address of the Spark server, sc://host:port (default: the server of candlebook spark start)",
    );
}

/** Runs `work` with a Spark session if the options select Spark, else with null.
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

/** @throws CandlebookError `bad_option` if the options name an engine other than the embedded one */
export function refuseOtherEngine({ engine = "duckdb", sparkUrl }: EngineOptions): void {
  if (engine === "duckdb" && sparkUrl === undefined) return;
  if (engine !== "duckdb") throw badValue("--engine", engine, "duckdb or spark");
  throw inputError("bad_option", "--spark-url is set, but not --engine spark.", "See --help.");
}

/** Loads the client on demand: the other commands start without gRPC and Arrow. */
export async function onSpark<Result>(
  url: string | undefined,
  effects: Effects,
  work: (session: SparkSession) => Promise<Result>,
): Promise<Result> {
  const { withSpark } = await import("../spark/withSpark.ts");
  return withSpark(url, effects, work);
}
