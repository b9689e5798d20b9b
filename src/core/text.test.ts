import { describe, expect, it } from "vitest";
import { en, type Text } from "./text.ts";

describe("a text", () => {
  it("has its values in each language, texts among them", () => {
    const days = en`${3} days`.vi`${3} ngày`;
    expect(en`${"BTC"}: ${days}, ${days}`.vi`${days}: ${"BTC"}`).toEqual({
      en: "BTC: 3 days, 3 days",
      vi: "3 ngày: BTC",
    });
  });

  it("fails the type check without its Vietnamese", () => {
    // @ts-expect-error
    const half: Text = en`half`;
    // @ts-expect-error
    const alone: Text = { en: "half" };
    expect([half.vi, alone.vi]).not.toContain("");
  });
});
