import { readFile } from "node:fs/promises";
import * as grpc from "@grpc/grpc-js";
import { loadFileDescriptorSetFromBuffer, type MessageTypeDefinition } from "@grpc/proto-loader";

/** A plan's source of rows, limited to the used parts; field names are the protocol's. */
export type Relation =
  | { sql: { query: string } }
  | {
      read: {
        is_streaming?: boolean;
        data_source: { format: string; schema?: string; options?: Entry[]; paths?: string[] };
      };
    }
  | { with_watermark: { input: Relation; event_time: string; delay_threshold: string } }
  | {
      collect_metrics: {
        input: Relation;
        name: string;
        metrics: { expression_string: { expression: string } }[];
      };
    };

/** Maps are lists of pairs, as in the descriptors. */
export interface Entry {
  key: string;
  value: string;
}

export type SparkCommand =
  | { sql_command: { input: Relation } }
  | { create_dataframe_view: { input: Relation; name: string; is_global: false; replace: true } }
  | {
      write_operation: {
        input: Relation;
        source: string;
        path: string;
        mode: "SAVE_MODE_ERROR_IF_EXISTS" | "SAVE_MODE_OVERWRITE";
        partitioning_columns?: readonly string[];
        options?: Entry[];
      };
    }
  | {
      write_stream_operation_start: {
        input: Relation;
        format: string;
        path: string;
        output_mode: "append";
        options: Entry[];
        query_name?: string;
        processing_time_interval?: string;
        available_now?: boolean;
      };
    }
  | { streaming_query_command: { query_id: QueryId } & Record<string, unknown> };

export type Plan = { root: Relation } | { command: SparkCommand };

/** A streaming query: `id` is kept over restarts from one checkpoint, `run_id` is this run's. */
export interface QueryId {
  id: string;
  run_id: string;
}

/** One message of an execution's response; only the fields that are read here. */
export interface ExecuteResponse {
  response_id?: string;
  server_side_session_id?: string;
  arrow_batch?: { data: Uint8Array };
  result_complete?: object;
  write_stream_operation_start_result?: { query_id: QueryId };
  streaming_query_command_result?: {
    status?: { status_message?: string; is_active?: boolean; is_data_available?: boolean };
    recent_progress?: { recent_progress_json?: string[] };
    exception?: { exception_message?: string; error_class?: string };
    await_termination?: { terminated?: boolean };
  };
}

type Unary<Request, Response> = (
  request: Request,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  done: (error: grpc.ServiceError | null, response?: Response) => void,
) => grpc.ClientUnaryCall;

type Streaming<Request> = (
  request: Request,
  metadata: grpc.Metadata,
) => grpc.ClientReadableStream<ExecuteResponse>;

/** Spark's service, as grpc-js creates it from the descriptors. */
export interface ConnectService {
  ExecutePlan: Streaming<object>;
  ReattachExecute: Streaming<object>;
  ReleaseExecute: Unary<object, object>;
  ReleaseSession: Unary<object, object>;
  Interrupt: Unary<object, object>;
  AnalyzePlan: Unary<object, { spark_version?: { version?: string } }>;
  Config: Unary<object, object>;
  FetchErrorDetails: Unary<object, ErrorDetails>;
  close(): void;
}

export interface ErrorDetails {
  root_error_idx?: number;
  errors?: {
    message?: string;
    spark_throwable?: { error_class?: string; sql_state?: string };
  }[];
}

/** The protocol as this program uses it. */
export interface Protocol {
  connect(target: string, credentials: grpc.ChannelCredentials): ConnectService;
  /** The reason and facts of an error beside its message. */
  errorInfo(status: Uint8Array): Record<string, string>;
  /** The methods of a server of this protocol; the tests' fake server implements them. */
  service: grpc.ServiceDefinition;
}

const LARGEST_ANSWER = 256 * 1024 * 1024;

/** @param path of a FileDescriptorSet (see `ensureProtocol`) */
export async function loadProtocol(path: string): Promise<Protocol> {
  const definition = loadFileDescriptorSetFromBuffer(await readFile(path), {
    keepCase: true,
    longs: Number,
    enums: String,
    oneofs: true,
  });
  const service = definition["spark.connect.SparkConnectService"] as grpc.ServiceDefinition;
  const Client = grpc.makeGenericClientConstructor(service, "SparkConnectService");
  const status = definition["google.rpc.Status"] as MessageTypeDefinition<object, object>;
  const info = definition["google.rpc.ErrorInfo"] as MessageTypeDefinition<object, object>;
  return {
    service,
    connect: (target, credentials) =>
      new Client(target, credentials, {
        "grpc.max_receive_message_length": LARGEST_ANSWER,
        "grpc.max_send_message_length": LARGEST_ANSWER,
      }) as unknown as ConnectService,
    errorInfo: (bytes) => {
      const { details = [] } = status.deserialize(Buffer.from(bytes)) as { details?: Detail[] };
      const detail = details.find(({ type_url }) => type_url.endsWith("/google.rpc.ErrorInfo"));
      if (detail === undefined) return {};
      const { reason, metadata = [] } = info.deserialize(Buffer.from(detail.value)) as {
        reason: string;
        metadata?: Entry[];
      };
      return { reason, ...Object.fromEntries(metadata.map(({ key, value }) => [key, value])) };
    },
  };
}

interface Detail {
  type_url: string;
  value: Uint8Array;
}
