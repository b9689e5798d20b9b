import { expect, it } from "vitest";
import type { Status } from "../serving/status.ts";
import { checkText, statusText } from "./statusText.ts";

it("is short for 20,000 symbols", () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `COIN${i}USDT`);
  const symbols = names.map((symbol) => ({
    ...{ symbol, firstDay: "2025-01-01", lastDay: "2025-01-02", days: 2, minutes: 2_880, holes: null },
    ...{ origins: { speed: 2 }, source: "csv" },
  }));
  const forecasts = names.map((symbol) => ({
    ...{ symbol, cutoff: "2025-01-02", lastDay: "2025-02-01", model: "naive", skill: 0.1 },
    ...{ daysSince: 0, mapeSince: null, mapeNaiveSince: null },
  }));
  const stream = {
    open: names.map((symbol) => ({ symbol, origin: "speed", complete: false })),
    symbols: names.map((symbol) => ({ symbol, interval: "1m", latestEvent: null, watermark: null })),
    ...{ lag: 0, producers: names.map((symbol) => ({ symbol, reconnects: 0, repaired: 0, owed: 0 })) },
  };
  const found = { symbols, forecasts, stream, series: [], tables: [], overlap: null, lastRun: null };
  const text = statusText(found as unknown as Status, null);
  expect(text.split("\n").length).toBeLessThan(300);
  expect(text.match(/and 19,950 more/g)).toHaveLength(5);
  const stale = names.map((symbol) => ({ symbol, lastComplete: null, hours: null }));
  expect(checkText(stale as never, "1d", false)).toMatch(/^.{0,3000}and 19,950 more.*$/);
});
