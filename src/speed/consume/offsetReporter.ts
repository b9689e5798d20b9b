import type { Offset, Topic } from "../../topic/topic.ts";

const LAST_WAIT_MS = 2_000;

/**
 * Reports the consumer's offsets to the broker, for its tools and monitors. Only the checkpoint decides where to
 * resume: a report that fails is dropped, and nothing waits for one. The same offsets are reported once.
 */
export class OffsetReporter {
  readonly #topic: Pick<Topic, "reportOffsets">;
  #reported = "";
  #newest: readonly Offset[] | null = null;
  #reporting: Promise<void> | null = null;

  constructor(topic: Pick<Topic, "reportOffsets">) {
    this.#topic = topic;
  }

  /** Returns at once; while a report is pending only the newest offsets wait. */
  report(next: readonly Offset[]): void {
    if (next.join() === this.#reported) return;
    this.#reported = next.join();
    this.#newest = next;
    this.#reporting ??= this.#work();
  }

  /** Resolves when the last report is done, or after two seconds. */
  async settled(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_WAIT_MS);
    });
    await Promise.race([this.#reporting, timeout]);
    clearTimeout(timer);
  }

  async #work(): Promise<void> {
    while (this.#newest !== null) {
      const next = this.#newest;
      this.#newest = null;
      try {
        await this.#topic.reportOffsets?.(next);
      } catch {
        this.#reported = "";
      }
    }
    this.#reporting = null;
  }
}
