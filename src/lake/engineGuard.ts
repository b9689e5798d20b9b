import type { DuckDBConnection } from "@duckdb/node-api";
import { type CandlebookError, failure, inputError } from "../core/errors.ts";
import { monotonicClock, residentMemory } from "../core/machine.ts";

export interface QueryLimits {
  /** Upper limit of the engine's time; the time that the reader of the rows takes is not counted. */
  timeoutSeconds: number;
  /** Called when the engine has not obeyed an interrupt for five seconds; can only end the process. */
  unresponsive?: (error: CandlebookError) => void;
}

/** Interrupts the engine when its steps together take too long, or the process too much memory. */
export interface EngineGuard {
  /** @throws CandlebookError `query_timeout`, `out_of_memory` */
  during<Result>(step: Promise<Result>): Promise<Result>;
}

const PERIOD_MS = 50;
const OBEDIENCE_MS = 5_000;

/**
 * A guard of one statement. The engine's memory limit counts its buffers, but not the text that a function makes:
 * the process may grow by twice that limit and 256 MB.
 */
export async function guardEngine(connection: DuckDBConnection, limits: QueryLimits): Promise<EngineGuard> {
  const reader = await connection.runAndReadAll(
    "SELECT parse_formatted_bytes(current_setting('memory_limit'))",
  );
  const mostBytes = residentMemory() + 2 * Number(reader.getRowsJS()[0][0]) + 256 * 2 ** 20;
  let usedMs = 0;
  return {
    async during(step) {
      const started = monotonicClock();
      let exceeded: { error: CandlebookError; at: number } | undefined;
      const watch = () => {
        const now = monotonicClock();
        const late = usedMs + now - started > limits.timeoutSeconds * 1_000;
        if (late) exceeded ??= { error: tooLong(limits.timeoutSeconds), at: now };
        else if (residentMemory() > mostBytes) exceeded ??= { error: tooMuch(), at: now };
        if (exceeded === undefined) return;
        // An interrupt between two steps of the engine is lost, so it is repeated.
        connection.interrupt();
        if (now - exceeded.at > OBEDIENCE_MS) limits.unresponsive?.(exceeded.error);
      };
      const timer = setInterval(watch, PERIOD_MS);
      try {
        const result = await step;
        watch();
        if (exceeded !== undefined) throw exceeded.error;
        return result;
      } catch (error) {
        throw exceeded?.error ?? error;
      } finally {
        clearInterval(timer);
        usedMs += monotonicClock() - started;
      }
    },
  };
}

function tooLong(seconds: number): CandlebookError {
  return inputError(
    "query_timeout",
    `The query was not finished after ${seconds} s.`,
    "Select less (WHERE with symbol or day), or raise the limit: --timeout SECONDS.",
  );
}

function tooMuch(): CandlebookError {
  return failure(
    "out_of_memory",
    "The query needs more memory than its limit.",
    "Select fewer or smaller values, or raise the limit (--memory 2GB).",
  );
}
