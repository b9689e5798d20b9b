import { describe, expect, it } from "vitest";
import { parseSparkUrl } from "./address.ts";

describe("parseSparkUrl", () => {
  it.each([
    ["sc://localhost", { host: "localhost", port: 15002, tls: false, token: null, userId: "candlebook" }],
    ["sc://10.0.0.7:15003/", { host: "10.0.0.7", port: 15003, tls: false }],
    [
      "sc://spark.example:443/;use_ssl=true;token=a%3Bb;user_id=me",
      { tls: true, token: "a;b", userId: "me" },
    ],
    ["sc://[::1]:15002", { host: "[::1]", port: 15002 }],
  ])("reads %s", (text, address) => {
    expect(parseSparkUrl(text)).toMatchObject(address);
  });

  it.each([
    "http://host",
    "sc://",
    "sc://host:0",
    "sc://host:99999",
    "sc://host/path",
    "sc://host/;use_ssl",
    "sc://host/;other=1",
    "sc://a b",
  ])("refuses %s", (text) => {
    expect(() => parseSparkUrl(text)).toThrow(/not an address of a Spark Connect server/);
  });

  it("sends no token in the clear, but to this machine", () => {
    expect(() => parseSparkUrl("sc://spark.example", "t")).toThrow(/unencrypted/);
    expect(parseSparkUrl("sc://127.0.0.1", "t").token).toBe("t");
  });

  it("shows no token in its message", () => {
    expect(() => parseSparkUrl("sc://host/;token=hidden;x=1")).toThrow(/token=…/);
  });
});
