import { describe, expect, it } from "vitest";
import { offsetText, ZONE, zoneOffset } from "./zone.ts";

describe("zoneOffset", () => {
  it.each([
    ["Z", 0],
    ["utc", 0],
    ["+07:00", 420],
    ["-0530", -330],
    ["+01", 60],
    ["+14:00", 840],
    ["+14:01", null],
    ["+05:75", null],
    ["Asia/Ho_Chi_Minh", 420],
    ["America/New_York", null],
    ["Nowhere/Else", null],
  ])("%s is %s", (zone, minutes) => {
    expect(zoneOffset(zone)).toBe(minutes);
  });

  it("reads every offset that the pattern takes, and no other", () => {
    const pattern = new RegExp(`^${ZONE}$`);
    for (let minutes = -1_000; minutes <= 1_000; minutes += 1) {
      const text = offsetText(minutes);
      expect([text, pattern.test(text)]).toEqual([text, zoneOffset(text) !== null]);
      if (pattern.test(text)) expect(zoneOffset(text)).toBe(minutes);
    }
  });
});
