import { randomUUID } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import { wallClock } from "../core/machine.ts";
import type { SparkAddress } from "./address.ts";
import type { ConnectService, ErrorDetails, Protocol } from "./protocol.ts";
import { type CallFailure, explainFailure, SparkError } from "./sparkErrors.ts";

/** One session on one server: the fields of every request, and the errors of a call. */
export interface Channel {
  service: ConnectService;
  /** `host:port`, for messages. */
  where: string;
  sessionId: string;
  metadata(): grpc.Metadata;
  /**
   * The fields of every request; with the server's own session id once it is known, so that a restart is detected.
   */
  base(): object;
  sawServerSession(id: string | undefined): void;
  /** @throws CandlebookError as `explainFailure`, with Spark's whole message as its cause */
  fail(error: unknown): Promise<Error>;
}

export interface ChannelOptions {
  /** Continues an earlier session of the same user. */
  sessionId?: string;
  /** PEM of an authority that signed the server's certificate, if the system doesn't know it. */
  authority?: Buffer;
}

export function openChannel(
  protocol: Protocol,
  { host, port, tls, token, userId }: SparkAddress,
  { sessionId = randomUUID(), authority }: ChannelOptions = {},
): Channel {
  const credentials = tls ? grpc.credentials.createSsl(authority ?? null) : grpc.credentials.createInsecure();
  const where = `${host}:${port}`;
  const service = protocol.connect(where, credentials);
  let serverSession: string | undefined;
  const metadata = () => {
    const fields = new grpc.Metadata();
    if (token !== null) fields.set("authorization", `Bearer ${token}`);
    return fields;
  };
  const channel: Channel = {
    service,
    where,
    sessionId,
    metadata,
    base: () => ({
      session_id: sessionId,
      user_context: { user_id: userId, user_name: userId },
      client_type: "candlebook",
      ...(serverSession === undefined ? {} : { client_observed_server_side_session_id: serverSession }),
    }),
    sawServerSession: (id) => {
      if (id) serverSession ??= id;
    },
    fail: async (error) => {
      if (!isCallFailure(error)) return error as Error;
      return explainFailure(where, error, await whatSparkSaid(protocol, channel, error));
    },
  };
  return channel;
}

export function isCallFailure(error: unknown): error is grpc.ServiceError & CallFailure {
  return error instanceof Error && typeof (error as grpc.ServiceError).code === "number";
}

const CALL_LIMIT_MS = 30_000;

/** A unary call as a promise. */
export function call<Response>(
  channel: Channel,
  method: "ReleaseSession" | "ReleaseExecute" | "Interrupt" | "AnalyzePlan" | "Config" | "FetchErrorDetails",
  request: object,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = { deadline: wallClock() + CALL_LIMIT_MS };
    channel.service[method](
      { ...channel.base(), ...request },
      channel.metadata(),
      options,
      (error, answer) => (error ? reject(error) : resolve(answer as Response)),
    );
  });
}

/** The transport truncates the status line; the whole message is requested by the error's id. */
async function whatSparkSaid(
  protocol: Protocol,
  channel: Channel,
  error: grpc.ServiceError,
): Promise<SparkError | null> {
  const [packed] = error.metadata?.get("grpc-status-details-bin") ?? [];
  if (!(packed instanceof Buffer)) return null;
  const info = protocol.errorInfo(packed);
  const known = new SparkError(error.details, info.errorClass ?? null, info.sqlState ?? null);
  if (info.errorId === undefined) return known;
  try {
    const details = await call<ErrorDetails>(channel, "FetchErrorDetails", {
      error_id: info.errorId,
    });
    const root = details.errors?.[details.root_error_idx ?? 0];
    const thrown = root?.spark_throwable;
    return new SparkError(
      root?.message || error.details,
      thrown?.error_class || known.errorClass,
      thrown?.sql_state || known.sqlState,
    );
  } catch {
    return known;
  }
}
