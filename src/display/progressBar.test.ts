import { expect, it } from "vitest";
import type { Bundle } from "./kernel.ts";
import { progressOn } from "./progressBar.ts";

it("draws the first report and the end at once, in one place, and not all between", () => {
  const drawn: string[] = [];
  let places = 0;
  const screen = {
    place: () => {
      places += 1;
      return async (bundle: Bundle) => {
        drawn.push(bundle["text/plain"]);
      };
    },
  };
  const progress = progressOn(screen);
  for (let done = 1; done <= 1_000; done += 1)
    progress({ stage: "evaluate", note: "BTC", done, total: 1_000 });
  expect(drawn).toEqual(["evaluate: BTC (1 of 1000)", "evaluate: BTC (1000 of 1000)"]);
  for (let i = 0; i < 1_000; i += 1) progress({ stage: "consume", note: `lag ${i}` });
  expect(drawn).toHaveLength(2);
  expect(places).toBe(1);
});
