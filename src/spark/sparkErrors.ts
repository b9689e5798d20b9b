import { status } from "@grpc/grpc-js";
import { type CandlebookError, failure, inputError, outsideError } from "../core/errors.ts";

/** Spark's own description of a failure. */
export class SparkError extends Error {
  /** Spark's error condition, `TABLE_OR_VIEW_NOT_FOUND`; null without one. */
  readonly errorClass: string | null;
  readonly sqlState: string | null;

  constructor(message: string, errorClass: string | null, sqlState: string | null) {
    super(message);
    this.name = "SparkError";
    this.errorClass = errorClass;
    this.sqlState = sqlState;
  }
}

/** A failed call of the transport: a gRPC code, and the server's message. */
export interface CallFailure {
  code: number;
  details: string;
}

/** Whether the failure is in the connection to the server, so that the same call may succeed later. */
export function isPassing({ code, details }: CallFailure): boolean {
  if (code === status.UNAVAILABLE) return true;
  return code === status.INTERNAL && /INVALID_CURSOR\.DISCONNECTED|RST_STREAM/.test(details);
}

/** The server has no such operation or session: it was restarted, or has discarded them. */
export function isForgotten({ details }: CallFailure): boolean {
  return /INVALID_HANDLE\.(OPERATION|SESSION)_(NOT_FOUND|CHANGED|CLOSED|ABANDONED)/.test(details);
}

/**
 * A failure as a CandlebookError.
 * @param where `host:port`
 * @param spark Spark's description, if it was requested
 */
export function explainFailure(where: string, call: CallFailure, spark: SparkError | null): CandlebookError {
  const said = spark?.message ?? call.details;
  const cause = spark ?? new SparkError(call.details, null, null);
  if (call.code === status.UNAVAILABLE) {
    return outsideError(
      "spark_unreachable",
      `No Spark Connect server answers at ${where} (${firstLine(call.details)}).`,
      "Start one (candlebook spark start), or check --spark-url.",
      cause,
    );
  }
  if (call.code === status.UNAUTHENTICATED || call.code === status.PERMISSION_DENIED) {
    return outsideError(
      "spark_refused",
      `The Spark server at ${where} refused the token.`,
      "Set CANDLEBOOK_SPARK_TOKEN, or add it to the address: sc://host:port/;use_ssl=true;token=…",
      cause,
    );
  }
  if (call.code === status.UNIMPLEMENTED) return otherServer(where, firstLine(call.details));
  if (isForgotten(call)) {
    return outsideError(
      "spark_session_lost",
      `The Spark server at ${where} no longer has this session: it was restarted.`,
      "Run the same command again: published tables are intact.",
      cause,
    );
  }
  if (spark?.errorClass?.startsWith("PATH_NOT_FOUND")) {
    return inputError(
      "spark_path",
      `The Spark server at ${where} can't see a path: ${firstLine(said)}`,
      "The server must see the workspace and the raw files under the same path.",
      cause,
    );
  }
  if (
    spark?.errorClass === "DATA_SOURCE_NOT_FOUND" ||
    /Failed to find (the )?data source: kafka/i.test(said)
  ) {
    return inputError(
      "spark_no_source",
      `The Spark server at ${where} lacks a data source: ${firstLine(said)}`,
      "Start it with Spark's Kafka source: candlebook spark start, or --packages on a cluster.",
      cause,
    );
  }
  return failure(
    "spark_failed",
    `Spark: ${firstLine(said)}`,
    "Run with --verbose for Spark's full message.",
    cause,
  );
}

/** The error for a gRPC server of another protocol or version. */
export function otherServer(where: string, found: string): CandlebookError {
  return outsideError(
    "spark_other_version",
    `The server at ${where} is not a Spark Connect server of version 4: ${found}.`,
    "Use a server of Spark 4.2; candlebook spark start starts one.",
  );
}

function firstLine(text: string): string {
  const line = text.split("\n").find((part) => part.trim() !== "") ?? "it gave no reason";
  return line.length > 400 ? `${line.slice(0, 400)}…` : line.trim();
}
