import type { ExecuteResponse, Plan, QueryId } from "./protocol.ts";

/** A streaming query on the server. */
export interface SparkStream {
  /** The same for all runs from one checkpoint. */
  id: string;
  runId: string;
  status(): Promise<SparkStreamStatus>;
  /** Spark's progress of the last micro-batches (it keeps 100), oldest first. */
  progress(): Promise<StreamProgress[]>;
  /** Spark's reason for its end; null while it runs and after a normal end. */
  exception(): Promise<string | null>;
  /** Waits for its end. @returns whether it has ended within the time */
  awaitEnd(limitMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

export interface SparkStreamStatus {
  message: string;
  active: boolean;
  dataAvailable: boolean;
}

/** Spark's `StreamingQueryProgress`, limited to the fields that are read here. */
export interface StreamProgress {
  batchId: number;
  sources: { numInputRows: number }[];
  /** The plan's counters beside its rows; missing if the batch read nothing. */
  observedMetrics?: { messages?: { tickers: number; others: number } };
  /** ISO 8601; the watermark of this batch. */
  eventTime: { watermark?: string };
  /** First the operator next to the sink. */
  stateOperators: { operatorName: string; numRowsTotal: number; numRowsDroppedByWatermark: number }[];
}

type Answer = NonNullable<ExecuteResponse["streaming_query_command_result"]>;

export function streamOf(run: (plan: Plan) => Promise<ExecuteResponse[]>, id: QueryId): SparkStream {
  const ask = async (question: Record<string, unknown>): Promise<Answer> => {
    const plan: Plan = { command: { streaming_query_command: { query_id: id, ...question } } };
    const found = (await run(plan)).find((response) => response.streaming_query_command_result);
    return found?.streaming_query_command_result ?? {};
  };
  return {
    id: id.id,
    runId: id.run_id,
    status: async () => {
      const { status } = await ask({ status: true });
      return {
        message: status?.status_message ?? "",
        active: status?.is_active ?? false,
        dataAvailable: status?.is_data_available ?? false,
      };
    },
    progress: async () => {
      const { recent_progress } = await ask({ recent_progress: true });
      return (recent_progress?.recent_progress_json ?? []).map((json) => JSON.parse(json) as StreamProgress);
    },
    exception: async () => (await ask({ exception: true })).exception?.exception_message || null,
    awaitEnd: async (limitMs) => {
      const { await_termination } = await ask({ await_termination: { timeout_ms: limitMs } });
      return await_termination?.terminated ?? false;
    },
    stop: async () => {
      await ask({ stop: true });
    },
  };
}
