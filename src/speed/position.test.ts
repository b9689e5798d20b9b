import { describe, expect, it } from "vitest";
import type { Topic } from "../topic/topic.ts";
import { openPositionTeller } from "./position.ts";

const topicThat = (tellPosition: Topic["tellPosition"]) => ({ tellPosition }) as Topic;

describe("the position for those who watch the broker", () => {
  it("is told once each; while one is under way only the newest waits", async () => {
    const told: string[] = [];
    const teller = openPositionTeller(
      topicThat(async (next) => {
        told.push(next.join());
        await new Promise(setImmediate);
      }),
    );
    for (const n of [1, 2, 3, 3]) teller.tell([n, 0]);
    await teller.settled();
    teller.tell([3, 0]);
    teller.tell([4, 0]);
    await teller.settled();
    expect(told).toEqual(["1,0", "3,0", "4,0"]);
  });

  it("is nobody's trouble where it can't be told, and is told again", async () => {
    let tries = 0;
    const teller = openPositionTeller(
      topicThat(async () => {
        tries += 1;
        throw new Error("no coordinator");
      }),
    );
    for (let i = 0; i < 2; i += 1) {
      teller.tell([7]);
      await teller.settled();
    }
    expect(tries).toBe(2);
  });
});
