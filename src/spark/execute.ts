import { randomUUID } from "node:crypto";
import type { ClientReadableStream } from "@grpc/grpc-js";
import { delay } from "../core/delay.ts";
import { interrupted, throwIfAborted } from "../core/errors.ts";
import { type Channel, call, isCallFailure } from "./channel.ts";
import type { ExecuteResponse, Plan } from "./protocol.ts";
import { isForgotten, isPassing } from "./sparkErrors.ts";

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
  options: ExecuteOptions = {},
): AsyncGenerator<ExecuteResponse> {
  throwIfAborted(options.signal);
  const execution = new Execution(channel, plan, options);
  try {
    while (!execution.complete) yield* execution.read();
  } finally {
    execution.end();
  }
}

class Execution {
  complete = false;
  readonly #channel: Channel;
  readonly #plan: Plan;
  readonly #options: ExecuteOptions;
  readonly #operation = { operation_id: randomUUID() };
  /** Of the last answer that arrived. */
  #last: string | null = null;
  #failures = 0;
  #started = false;

  constructor(channel: Channel, plan: Plan, options: ExecuteOptions) {
    this.#channel = channel;
    this.#plan = plan;
    this.#options = options;
  }

  /** Reads one stream of answers to its end, or until the connection breaks and another stream may help. */
  async *read(): AsyncGenerator<ExecuteResponse> {
    const stream = this.#started ? this.#reattach() : this.#start();
    this.#started = true;
    try {
      for await (const response of answers(stream, this.#options.signal)) {
        this.#failures = 0;
        this.#last = response.response_id ?? this.#last;
        this.#channel.sawServerSession(response.server_side_session_id);
        if (response.result_complete !== undefined && response.result_complete !== null) this.complete = true;
        else yield response;
        if (response.response_id) this.#release({ release_until: { response_id: this.#last } });
      }
    } catch (error) {
      await this.#recover(error);
    }
  }

  end(): void {
    if (!this.complete && this.#options.signal?.aborted) {
      const request = { interrupt_type: "INTERRUPT_TYPE_OPERATION_ID", ...this.#operation };
      call(this.#channel, "Interrupt", request).catch(() => {});
    }
    this.#release({ release_all: {} });
  }

  /** Waits before another stream. @throws where none helps */
  async #recover(error: unknown): Promise<void> {
    const { signal, attempts = 8, firstWaitMs = 200 } = this.#options;
    if (signal?.aborted) throw interrupted();
    if (!isCallFailure(error)) throw error;
    if (isForgotten(error) && this.#last === null && this.#failures > 0) this.#started = false;
    else if (!isPassing(error)) throw await this.#channel.fail(error);
    this.#failures += 1;
    if (this.#failures > attempts) throw await this.#channel.fail(error);
    await delay(Math.min(5000, firstWaitMs * 2 ** (this.#failures - 1)), signal);
  }

  #start() {
    const request_options = [{ reattach_options: { reattachable: true } }];
    const request = { ...this.#channel.base(), ...this.#operation, plan: this.#plan, request_options };
    return this.#channel.service.ExecutePlan(request, this.#channel.metadata());
  }

  #reattach() {
    const last = this.#last === null ? {} : { last_response_id: this.#last };
    const request = { ...this.#channel.base(), ...this.#operation, ...last };
    return this.#channel.service.ReattachExecute(request, this.#channel.metadata());
  }

  /** Releases what the server need not keep. Nothing depends on it: the server discards it by itself after a while. */
  #release(what: object): void {
    call(this.#channel, "ReleaseExecute", { ...this.#operation, ...what }).catch(() => {});
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
