import { expect, it } from "vitest";
import { randomWalk } from "../../testkit/series.ts";
import { forecasterOf, forecasters, MODEL_NAMES } from "./registry.ts";

it("builds every shipped model by its name, and again from its spec", () => {
  const series = randomWalk(1, 500);
  for (const model of forecasters()) {
    const again = forecasterOf(model.spec!);
    expect(again.fit(series).predict(3)).toEqual(model.fit(series).predict(3));
  }
  expect(forecasters().map(({ name }) => name)).toEqual(MODEL_NAMES);
  expect(forecasters(["drift", "naive"]).map(({ name }) => name)).toEqual(["drift", "naive"]);
});

it.each(["oracle_of_delphi", "toString", ""])("does not know %j", (name) => {
  expect(() => forecasters([name])).toThrow(expect.objectContaining({ code: "unknown_model", exit: 2 }));
});
