import fc from "fast-check";
import { expect, it } from "vitest";
import { legendPlaces } from "./legend.ts";

it("begins a new row where a label would not end within the figure", () => {
  expect(legendPlaces(["a", "b"].map((letter) => letter.repeat(60))).map(({ row }) => row)).toEqual([0, 0]);
  expect(legendPlaces(["a".repeat(100), "b".repeat(60), "c"])).toMatchObject([
    { x: 0, row: 0 },
    { x: 0, row: 1 },
    { row: 1 },
  ]);
});

it("lays no item over the one before", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 60 })), (labels) => {
      const places = legendPlaces(labels);
      for (const [i, { x, row }] of places.entries()) {
        if (i > 0) expect(row > places[i - 1].row || x > places[i - 1].x).toBe(true);
        expect(x + labels[i].length * 6.6).toBeLessThan(960);
      }
    }),
  );
});
