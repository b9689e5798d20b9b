import { describe, expect, it } from "vitest";
import { LatestWorker } from "./latestWorker.ts";

/** The parts of a worker that are used: what it was asked, and its handlers to answer by. */
class FakeWorker {
  readonly asked: string[] = [];
  ended = false;
  onmessage: (event: { data: string }) => void = () => {};
  onerror: () => void = () => {};
  postMessage(question: string) {
    this.asked.push(question);
  }
  terminate() {
    this.ended = true;
  }
}

function started() {
  const workers: FakeWorker[] = [];
  const answers: (string | null)[] = [];
  const latest = new LatestWorker<string, string>(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  });
  return { latest, workers, answers, receive: (answer: string | null) => void answers.push(answer) };
}

describe("a worker for the latest question", () => {
  it("is kept where it has answered", () => {
    const { latest, workers, answers, receive } = started();
    for (const question of ["a", "b"]) {
      latest.ask(question, receive);
      workers[0].onmessage({ data: question.toUpperCase() });
    }
    expect(answers).toEqual(["A", "B"]);
    expect(workers).toHaveLength(1);
    expect(workers[0]).toMatchObject({ asked: ["a", "b"], ended: false });
  });

  it("is ended by a newer question, and its late answer and error are dropped", () => {
    const { latest, workers, answers, receive } = started();
    latest.ask("old", receive);
    latest.ask("new", receive);
    workers[0].onmessage({ data: "OLD" });
    workers[0].onerror();
    workers[1].onmessage({ data: "NEW" });
    expect(answers).toEqual(["NEW"]);
    expect(workers.map(({ ended }) => ended)).toEqual([true, false]);
  });

  it("is ended by cancel while it computes only", () => {
    const { latest, workers, answers, receive } = started();
    latest.cancel();
    latest.ask("a", receive);
    workers[0].onmessage({ data: "A" });
    latest.cancel();
    expect(workers[0].ended).toBe(false);
    latest.ask("b", receive);
    latest.cancel();
    expect([workers[0].ended, answers]).toEqual([true, ["A"]]);
  });

  it("gives null where it fails, and is replaced for the next question", () => {
    const { latest, workers, answers, receive } = started();
    latest.ask("a", receive);
    workers[0].onerror();
    latest.ask("b", receive);
    workers[1].onmessage({ data: "B" });
    expect(answers).toEqual([null, "B"]);
  });
});
