import { describe, expect, it } from "vitest";
import { inputFiles } from "./inputs.ts";

describe("inputFiles", () => {
  it.each([
    ["BTCUSDT=all.csv", { symbol: "BTCUSDT", path: "all.csv" }],
    ["btcusdt_perp=a=b.csv", { symbol: "BTCUSDT_PERP", path: "a=b.csv" }],
    ["BTC-USDT=../x/all.csv", { symbol: "BTCUSDT", path: "../x/all.csv" }],
    ["币安人生USDT=all.csv", { symbol: "币安人生USDT", path: "all.csv" }],
    ["all.csv", { path: "all.csv" }],
    ["year=2024/all.csv", { symbol: "YEAR", path: "2024/all.csv" }],
    ["my-file=1.csv", { path: "my-file=1.csv" }],
    ["data/BTCUSDT=1.csv", { path: "data/BTCUSDT=1.csv" }],
    ["./BTCUSDT=1.csv", { path: "./BTCUSDT=1.csv" }],
    ["BTCUSDT=", { path: "BTCUSDT=" }],
  ])("%s", (word, file) => {
    expect(inputFiles([word])).toEqual([file]);
  });
});
