import type { Message } from "../../topic/message.ts";
import type { ProducerBuffer } from "./producerBuffer.ts";

/** Counts the messages that go into the buffer, and drops those beyond the limit of the run. */
export class MessageLimit {
  klines = 0;
  tickers = 0;
  readonly #buffer: Pick<ProducerBuffer, "push">;
  readonly #limit: number;
  readonly #onReached: () => void;

  constructor(buffer: Pick<ProducerBuffer, "push">, limit: number, onReached: () => void) {
    this.#buffer = buffer;
    this.#limit = limit;
    this.#onReached = onReached;
  }

  pass(messages: readonly Message[]): void {
    const room = messages.slice(0, this.#limit - this.klines - this.tickers);
    for (const { type } of room) {
      if (type === "kline") this.klines += 1;
      else this.tickers += 1;
    }
    if (room.length > 0) this.#buffer.push(room);
    if (this.reached) this.#onReached();
  }

  get reached(): boolean {
    return this.klines + this.tickers >= this.#limit;
  }
}
