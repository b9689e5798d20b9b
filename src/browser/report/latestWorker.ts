/** Puts questions to a worker, one at a time: a newer question ends the worker that computes an older one. */
export class LatestWorker<Question, Answer> {
  readonly #startWorker: () => Worker;
  #worker: Worker | null = null;
  #busy = false;

  /** @param startWorker a worker that answers each message with one message */
  constructor(startWorker: () => Worker) {
    this.#startWorker = startWorker;
  }

  /** Ends what is being computed; its answer is never delivered. */
  cancel(): void {
    if (this.#busy) this.#end();
  }

  /** @param receive gets the answer, or null where the worker failed; not called after a newer question or `cancel` */
  ask(question: Question, receive: (answer: Answer | null) => void): void {
    this.cancel();
    this.#worker ??= this.#startWorker();
    this.#busy = true;
    const worker = this.#worker;
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      // Sent before the worker was ended.
      if (worker !== this.#worker) return;
      this.#busy = false;
      receive(data);
    };
    worker.onerror = () => {
      if (worker !== this.#worker) return;
      this.#end();
      receive(null);
    };
    worker.postMessage(question);
  }

  #end(): void {
    this.#worker?.terminate();
    this.#worker = null;
    this.#busy = false;
  }
}
