import { expect, it } from "vitest";
import { ShownTexts } from "./shownTexts.ts";

it("a text goes to Vietnamese and back, as often as the reader switches", () => {
  const [texts, owner] = [new ShownTexts(), {}];
  expect(texts.inLanguage("en", owner, "days ahead")).toBe("days ahead");
  for (let switches = 0; switches < 2; switches += 1) {
    expect(texts.inLanguage("vi", owner, "days ahead")).toBe("số ngày phía trước");
    expect(texts.inLanguage("vi", owner, "số ngày phía trước")).toBe("số ngày phía trước");
    expect(texts.inLanguage("en", owner, "số ngày phía trước")).toBe("days ahead");
  }
});

it("a text that was set since is English, and no other owner's text is taken for it", () => {
  const [texts, owner, other] = [new ShownTexts(), {}, {}];
  texts.inLanguage("vi", owner, "days ahead");
  expect(texts.inLanguage("vi", owner, "computing …")).toBe("đang tính …");
  expect(texts.inLanguage("en", owner, "đang tính …")).toBe("computing …");
  expect(texts.inLanguage("en", other, "đang tính …")).toBe("đang tính …");
});
