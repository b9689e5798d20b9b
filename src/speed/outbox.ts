import type { Effects } from "../core/effects.ts";
import { CandlebookError } from "../core/errors.ts";
import { pause } from "../core/pause.ts";
import { encodeMessage, type Message } from "../topic/message.ts";
import type { Topic } from "../topic/topic.ts";

export interface OutboxOptions {
  topic: Pick<Topic, "append">;
  /** Messages that may wait; beyond it the source is held up. */
  bound: number;
  /** First pause where the broker does not answer, doubled up to 30 s. */
  retryMs: number;
  effects: Effects;
  /** The source is to stop (true) or may go on. */
  onPressure(held: boolean): void;
}

/** Messages on their way to the topic, in their order. */
export interface Outbox {
  push(messages: readonly Message[]): void;
  readonly waiting: number;
  /** Appended so far. */
  readonly sent: number;
  /** Resolves when everything pushed is appended; rejects where the topic refused. */
  flush(): Promise<void>;
  /** Waits no longer for a topic that does not answer. @returns how many messages were not appended */
  abandon(): number;
}

const CHUNK = 2_000;
/** Each append is a write to the disk: what comes within this time goes together. */
const LINGER_MS = 5;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Appends what is pushed, as much at once as there is. A broker that does not answer is asked again and again
 * while the messages wait; when as many wait as may, the source is held up. Nothing is dropped.
 */
export function openOutbox(options: OutboxOptions): Outbox {
  const { topic, bound, effects } = options;
  const queue: Message[] = [];
  const idle: (() => void)[] = [];
  let sent = 0;
  let held = false;
  let abandoned = false;
  let failure: unknown = null;
  let working = false;

  const regulate = () => {
    if (!held && queue.length >= bound) {
      held = true;
      effects.progress?.({
        stage: "produce",
        note: `${queue.length} messages wait for the topic: the stream is held up`,
      });
      options.onPressure(true);
    } else if (held && queue.length <= bound / 2) {
      held = false;
      options.onPressure(false);
    }
  };
  const work = async () => {
    let retryMs = options.retryMs;
    await pause(LINGER_MS);
    while (queue.length > 0 && !abandoned && failure === null) {
      const chunk = queue.slice(0, CHUNK);
      try {
        await topic.append(chunk.map((message) => ({ key: message.symbol, value: encodeMessage(message) })));
        queue.splice(0, chunk.length);
        sent += chunk.length;
        retryMs = options.retryMs;
        regulate();
      } catch (error) {
        if (!(error instanceof CandlebookError) || error.code !== "topic_unreachable") {
          failure = error;
          break;
        }
        effects.progress?.({ stage: "produce", note: `${error.message} ${queue.length} messages wait` });
        await pause(retryMs);
        retryMs = Math.min(2 * retryMs, LONGEST_PAUSE_MS);
      }
    }
  };
  const start = () => {
    if (working) return;
    working = true;
    void work().finally(() => {
      working = false;
      for (const resolve of idle.splice(0)) resolve();
    });
  };
  return {
    push: (messages) => {
      queue.push(...messages);
      regulate();
      start();
    },
    get waiting() {
      return queue.length;
    },
    get sent() {
      return sent;
    },
    flush: async () => {
      while (working && !abandoned) await new Promise<void>((resolve) => idle.push(resolve));
      if (failure !== null) throw failure;
    },
    abandon: () => {
      abandoned = true;
      return queue.length;
    },
  };
}
