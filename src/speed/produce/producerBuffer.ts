import { delay } from "../../core/delay.ts";
import type { Effects } from "../../core/effects.ts";
import { CandlebookError } from "../../core/errors.ts";
import { encodeMessage, type Message } from "../../topic/message.ts";
import type { Topic } from "../../topic/topic.ts";

export interface ProducerBufferOptions {
  topic: Pick<Topic, "append">;
  /** How many messages may wait; beyond it the source is paused. */
  bound: number;
  /** First delay where the broker does not answer, milliseconds; doubled up to 30 s. */
  retryMs: number;
  effects: Effects;
  /** The source is to pause (true) or may resume. */
  onPressure(full: boolean): void;
}

const CHUNK = 2_000;
/** Each append is a disk write: messages that arrive within this time are appended together. */
const LINGER_MS = 5;
const LONGEST_DELAY_MS = 30_000;

/**
 * Messages on their way to the topic, in their order. It retries while the broker does not answer, and pauses the
 * source when the bound is reached. Nothing is dropped.
 */
export class ProducerBuffer {
  /** Appended so far. */
  sent = 0;
  readonly #options: ProducerBufferOptions;
  readonly #queue: Message[] = [];
  readonly #idle: (() => void)[] = [];
  #full = false;
  #abandoned = false;
  #working = false;
  #failure: unknown = null;

  constructor(options: ProducerBufferOptions) {
    this.#options = options;
  }

  push(messages: readonly Message[]): void {
    this.#queue.push(...messages);
    this.#regulate();
    if (this.#working) return;
    this.#working = true;
    void this.#work().finally(() => {
      this.#working = false;
      for (const resolve of this.#idle.splice(0)) resolve();
    });
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /** Resolves when everything pushed is appended; rejects where the topic refused. */
  async flush(): Promise<void> {
    while (this.#working && !this.#abandoned) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#failure !== null) throw this.#failure;
  }

  /** Ends the retries. @returns how many messages were not appended */
  abandon(): number {
    this.#abandoned = true;
    return this.#queue.length;
  }

  #regulate(): void {
    const { bound, effects, onPressure } = this.#options;
    const { length } = this.#queue;
    if (!this.#full && length >= bound) {
      this.#full = true;
      effects.progress?.({
        stage: "produce",
        note: `${length} messages wait for the topic: the stream is paused`,
      });
      onPressure(true);
    } else if (this.#full && length <= bound / 2) {
      this.#full = false;
      onPressure(false);
    }
  }

  async #work(): Promise<void> {
    const { topic, effects } = this.#options;
    let retryMs = this.#options.retryMs;
    await delay(LINGER_MS);
    while (this.#queue.length > 0 && !this.#abandoned && this.#failure === null) {
      const chunk = this.#queue.slice(0, CHUNK);
      try {
        await topic.append(chunk.map((message) => ({ key: message.symbol, value: encodeMessage(message) })));
        this.#queue.splice(0, chunk.length);
        this.sent += chunk.length;
        retryMs = this.#options.retryMs;
        this.#regulate();
      } catch (error) {
        if (!(error instanceof CandlebookError) || error.code !== "topic_unreachable") {
          this.#failure = error;
          break;
        }
        const note = `${error.message} ${this.#queue.length} messages wait`;
        effects.progress?.({ stage: "produce", note });
        await delay(retryMs);
        retryMs = Math.min(2 * retryMs, LONGEST_DELAY_MS);
      }
    }
  }
}
