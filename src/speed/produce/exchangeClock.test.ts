import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "../../time/epoch.ts";
import { exchangeClock } from "./exchangeClock.ts";

const NOW = Date.UTC(2026, 0, 5, 12);

describe("the exchange's clock", () => {
  it("decides where ours is off, and no single frame moves it", () => {
    const clock = exchangeClock(() => NOW - 7 * MINUTE_MS);
    for (let frame = 0; frame < 10; frame += 1) clock.observe(NOW);
    clock.observe(NOW + 400 * MINUTE_MS);
    expect(clock.now()).toBe(NOW);
  });

  it("is never before a minute that REST says is over", () => {
    const clock = exchangeClock(() => NOW);
    clock.passed(NOW + 30 * MINUTE_MS);
    expect(clock.now()).toBe(NOW + 30 * MINUTE_MS);
  });

  it("of a simulated exchange is its newest frame, or the minutes it has told", () => {
    const clock = exchangeClock(() => NOW);
    clock.follow();
    expect(clock.now()).toBe(NOW);
    clock.observe(5_000);
    expect(clock.now()).toBe(5_000);
    clock.passed(60_000);
    expect(clock.now()).toBe(60_000);
  });
});
