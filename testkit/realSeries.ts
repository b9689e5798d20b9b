import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Series } from "../src/forecast/forecaster.ts";
import { type Day, dayOf } from "../src/time/day.ts";
import type { EpochMs } from "../src/time/epoch.ts";

/** The folder of recorded data; null, said once on the console, where there is none. */
export function dataFolder(): string | null {
  const beside = resolve(fileURLToPath(new URL("..", import.meta.url)), "../shared/data");
  const folder = process.env.CANDLEBOOK_DATA ?? beside;
  if (existsSync(folder)) return folder;
  console.warn(
    "No recorded data (CANDLEBOOK_DATA, or ../shared/data beside the checkout): its tests are skipped.",
  );
  return null;
}

/** Binance's own daily candles, 2017-08-17 → 2026-08-21. */
export function binanceDaily(folder: string, symbol: "BTCUSDT" | "ETHUSDT"): Series {
  const rows = readCsv(join(folder, "daily", `${symbol}_1d.csv`));
  const column = (index: number) => Float64Array.from(rows, (row) => Number(row[index]));
  return {
    symbol,
    days: rows.map((row) => dayOf(Number(row[0]) as EpochMs)),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
  };
}

/** The closes that the design's table was measured on; there are no ranges: open = high = low = close. */
export function goldenCloses(folder: string, asset: "btc" | "eth"): Series {
  return closesOf(join(folder, "prophet_golden/input"), asset);
}

/** The daily closes of `<asset>.csv`, columns ds,y; open = high = low = close. */
export function closesOf(folder: string, asset: "btc" | "eth"): Series {
  const rows = readCsv(join(folder, `${asset}.csv`));
  const close = Float64Array.from(rows, (row) => Number(row[1]));
  const days = rows.map((row) => row[0] as Day);
  return { symbol: `${asset.toUpperCase()}USDT`, days, open: close, high: close, low: close, close };
}

function readCsv(path: string): string[][] {
  const [, ...lines] = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => line.split(","));
}
