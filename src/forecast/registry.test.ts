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

it("has each name once, with its texts in both languages and its needs", () => {
  expect(new Set(MODEL_NAMES).size).toBe(MODEL_NAMES.length);
  for (const { title, method, needs } of forecasters()) {
    for (const text of [title.en, title.vi, method.en, method.vi]) expect(text).not.toBe("");
    expect(needs.days).toBeGreaterThanOrEqual(60);
  }
});

it.each(["oracle_of_delphi", "toString", ""])("does not know %j", (name) => {
  expect(() => forecasters([name])).toThrow(expect.objectContaining({ code: "unknown_model", exit: 2 }));
});
