import { randomUUID } from "node:crypto";
import type { ClientReadableStream } from "@grpc/grpc-js";
import { delay } from "../core/delay.ts";
import { interrupted, throwIfAborted } from "../core/errors.ts";
import { type Channel, call, isCallFailure } from "./channel.ts";
import { isForgotten, isPassing } from "./errors.ts";
import type { ExecuteResponse, Plan } from "./protocol.ts";

export interface ExecuteOptions {
  signal?: AbortSignal;
  /** Number of reconnects without a response in between; default 8 (about 25 seconds). */
  attempts?: number;
  /** The first delay in milliseconds, doubled each time up to 5 seconds; default 200. */
  firstWaitMs?: number;
}

/**
 * Runs a plan and yields its responses, each once. The execution is reattachable: the server continues when the
 * connection breaks, keeps the responses that did not arrive, and sends them from the last one that did. It also ends
 * long response streams from time to time; those are reattached at once.
 * @throws CandlebookError `spark_unreachable`, `spark_failed` …; `interrupted`, and the server stops the work
 */
export async function* execute(
  channel: Channel,
  plan: Plan,
  { signal, attempts = 8, firstWaitMs = 200 }: ExecuteOptions = {},
): AsyncGenerator<ExecuteResponse> {
  throwIfAborted(signal);
  const operation = { operation_id: randomUUID() };
  const start = () =>
    channel.service.ExecutePlan(
      {
        ...channel.base(),
        ...operation,
        plan,
        request_options: [{ reattach_options: { reattachable: true } }],
      },
      channel.metadata(),
    );
  let last: string | null = null;
  const reattach = () =>
    channel.service.ReattachExecute(
      { ...channel.base(), ...operation, ...(last === null ? {} : { last_response_id: last }) },
      channel.metadata(),
    );
  let failures = 0;
  let open = start;
  let complete = false;
  try {
    while (!complete) {
      const stream = open();
      open = reattach;
      try {
        for await (const response of answers(stream, signal)) {
          failures = 0;
          last = response.response_id ?? last;
          channel.sawServerSession(response.server_side_session_id);
          if (response.result_complete !== undefined && response.result_complete !== null) complete = true;
          else yield response;
          if (response.response_id) release(channel, operation, { release_until: { response_id: last } });
        }
      } catch (error) {
        if (signal?.aborted) throw interrupted();
        if (!isCallFailure(error)) throw error;
        if (isForgotten(error) && last === null && failures > 0) open = start;
        else if (!isPassing(error)) throw await channel.fail(error);
        failures += 1;
        if (failures > attempts) throw await channel.fail(error);
        await delay(Math.min(5000, firstWaitMs * 2 ** (failures - 1)), signal);
      }
    }
  } finally {
    if (!complete && signal?.aborted) interruptOperation(channel, operation);
    release(channel, operation, { release_all: {} });
  }
}

async function* answers(
  stream: ClientReadableStream<ExecuteResponse>,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExecuteResponse> {
  const cancel = () => stream.cancel();
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    for await (const response of stream) yield response as ExecuteResponse;
  } finally {
    signal?.removeEventListener("abort", cancel);
    stream.cancel();
  }
}

/**
 * Releases responses that the server need not keep. A failure is harmless: the server discards them after a while.
 */
function release(channel: Channel, operation: object, what: object): void {
  call(channel, "ReleaseExecute", { ...operation, ...what }).catch(() => {});
}

function interruptOperation(channel: Channel, operation: object): void {
  const request = { interrupt_type: "INTERRUPT_TYPE_OPERATION_ID", ...operation };
  call(channel, "Interrupt", request).catch(() => {});
}
