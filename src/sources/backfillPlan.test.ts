import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_AMOUNTS } from "../candle/candle.ts";
import { DAY_MS, type EpochMs, MINUTE_MS, type TimeSpan } from "../time/epoch.ts";
import { intervalMs } from "../time/interval.ts";
import type { Rest } from "../venues/venue.ts";
import { INTERVALS, type Interval } from "../venues/venueInterval.ts";
import { planBackfill } from "./backfillPlan.ts";
import { fetchCandles } from "./fetchCandles.ts";
import { classifyGaps } from "./gapClassifier.ts";
import { intersect, length, noDays, span, subtract, unite, wholeDays } from "./spans.ts";

const START = Date.UTC(2024, 1, 27);

const anySpan = fc
  .tuple(fc.nat(9000), fc.integer({ min: 1, max: 4000 }))
  .map(([from, count]) => span(START + from * MINUTE_MS, START + (from + count) * MINUTE_MS));
const anySpans = fc.array(anySpan, { maxLength: 8 });

const minutesOf = (spans: readonly TimeSpan[]) => {
  const times = new Set<number>();
  for (const { from, to } of spans) for (let t = from as number; t < to; t += MINUTE_MS) times.add(t);
  return times;
};

describe("spans", () => {
  it("unite, subtract and intersect as sets of minutes do", () => {
    fc.assert(
      fc.property(anySpans, anySpans, (a, b) => {
        const [inA, inB] = [minutesOf(a), minutesOf(b)];
        expect(minutesOf(unite(a))).toEqual(inA);
        expect(minutesOf(subtract(a, b))).toEqual(new Set([...inA].filter((time) => !inB.has(time))));
        expect(minutesOf(intersect(a, b))).toEqual(new Set([...inA].filter((time) => inB.has(time))));
        expect(length(a)).toBe(inA.size * MINUTE_MS);
      }),
      { numRuns: 40 },
    );
  });

  it("split into whole days and the rest without losing a minute", () => {
    fc.assert(
      fc.property(anySpan, (one) => {
        const { days, rest } = wholeDays(one);
        expect(days.every(({ from, to }) => from % DAY_MS === 0 && to % DAY_MS === 0)).toBe(true);
        expect(length(days) + length(rest)).toBe(one.to - one.from);
        expect(unite([...days, ...rest])).toEqual([one]);
      }),
    );
  });
});

/** An exchange that has every candle, and answers as the real one does: at most 1,000, both ends included. */
function wholeExchange(): { rest: Rest; requests: () => number } {
  let requests = 0;
  const rest: Rest = {
    time: async () => (START + 100 * DAY_MS) as EpochMs,
    symbols: async () => ["BTCUSDT"],
    candles: async (symbol, interval, from, to) => {
      requests += 1;
      const step = intervalMs(interval);
      const rows = [];
      for (let t = Math.ceil(from / step) * step; t <= to && rows.length < 1000; t += step) {
        const prices = { open: 1, high: 1, low: 1, close: 1, volume: 1, trades: 1, ...NO_AMOUNTS, line: "" };
        rows.push({ symbol, openTime: t as EpochMs, ...prices });
      }
      return rows;
    },
  };
  return { rest, requests: () => requests };
}

describe("a plan carried out", () => {
  it("requests every candle of any gaps exactly once, in requests of at most 1,000", async () => {
    const interval = fc.constantFrom<Interval>("1m", "5m", "1h");
    await fc.assert(
      fc.asyncProperty(anySpans, fc.boolean(), interval, async (minutes, whole, fine) => {
        // The same gaps, as many candles long.
        const stretch = (time: number) => START + ((time - START) / MINUTE_MS) * INTERVALS[fine];
        const gaps = minutes.map(({ from, to }) => span(stretch(from), stretch(to)));
        const symbol = { symbol: "BTCUSDT", gaps, knownDays: [], asked: {} };
        const plan = planBackfill([symbol], whole ? noDays : wholeDays, fine);
        expect(plan.minutes * MINUTE_MS + plan.days * DAY_MS).toBe(length(gaps));
        const { rest, requests } = wholeExchange();
        const came: TimeSpan[] = [];
        for (const request of plan.requests) {
          const step = INTERVALS[request.interval];
          expect((request.to - request.from) / step).toBeLessThanOrEqual(1000);
          came.push(
            ...(await fetchCandles(rest, request)).map(({ openTime }) => span(openTime, openTime + step)),
          );
        }
        expect(came.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(length(gaps));
        expect(unite(came)).toEqual(unite(gaps));
        expect(requests()).toBe(plan.requests.length);
      }),
      { numRuns: 60 },
    );
  });

  it("asks for nothing that was asked for or is known", () => {
    fc.assert(
      fc.property(anySpans, anySpans, (gaps, before) => {
        const symbol = { symbol: "BTCUSDT", gaps, knownDays: [], asked: { "1m": before, "1d": [] } };
        const { requests, minutes } = planBackfill([symbol], noDays);
        const wanted = requests.flatMap((request) => request.wanted);
        expect(length(intersect(wanted, before))).toBe(0);
        expect(minutes * MINUTE_MS).toBe(length(subtract(gaps, before)));
      }),
      { numRuns: 60 },
    );
  });

  it("ends where the exchange answers with nothing, or the same page for ever", async () => {
    const { rest, requests } = wholeExchange();
    const request = {
      symbol: "BTCUSDT",
      interval: "1m" as const,
      ...span(START, START + 500 * MINUTE_MS),
      wanted: [span(START, START + 500 * MINUTE_MS)],
      proven: false,
    };
    const nothing = { ...rest, candles: async () => [] };
    expect(await fetchCandles(nothing, request)).toEqual([]);
    await expect(fetchCandles(nothing, { ...request, proven: true })).rejects.toMatchObject({ exit: 3 });
    let asked = 0;
    const some = await fetchCandles(
      {
        ...rest,
        candles: async (...args) => {
          asked += 1;
          return (await rest.candles(...args)).slice(0, 7);
        },
      },
      request,
    );
    expect(some).toHaveLength(500);
    expect([asked, requests()]).toEqual([72, 72]);
  });
});

describe("labels", () => {
  const facts = (gaps: TimeSpan[], more: object = {}) => ({
    symbol: "BTCUSDT",
    gaps,
    present: span(Date.UTC(2021, 8, 1), Date.UTC(2021, 9, 30)),
    covered: [span(Date.UTC(2021, 8, 1), Date.UTC(2021, 9, 30))],
    elsewhere: [],
    denied: [],
    ...more,
  });

  it("tell why 2021-09-29 has 120 minutes less", () => {
    const gap = span(Date.UTC(2021, 8, 29, 7), Date.UTC(2021, 8, 29, 9));
    expect(classifyGaps([facts([gap])])).toEqual([
      {
        ...gap,
        symbol: "BTCUSDT",
        label: "exchange_outage",
        source: {
          en: "minutes that lack in recorded 1-minute candles, both symbols",
          vi: "các phút thiếu trong nến một phút đã ghi, cả hai mã",
        },
      },
    ]);
  });

  it("cut a gap where its parts differ, and put every minute under one label", () => {
    const gap = span(Date.UTC(2021, 8, 10), Date.UTC(2021, 8, 13));
    const elsewhere = [span(Date.UTC(2021, 8, 11), Date.UTC(2021, 8, 12))];
    const before = span(Date.UTC(2021, 7, 1), Date.UTC(2021, 8, 1));
    const labelled = classifyGaps([
      facts([gap, before], { elsewhere, denied: [before] }),
      facts([gap], { symbol: "ETHUSDT", elsewhere }),
    ]).filter(({ symbol }) => symbol === "BTCUSDT");
    expect(labelled.map(({ label }) => label)).toEqual([
      "before_listing",
      "exchange_outage",
      "missing_in_source",
      "exchange_outage",
    ]);
    expect(length(labelled)).toBe(length([gap, before]));
  });

  it("take a gap between two files for no outage, unless the exchange was asked", () => {
    const gap = span(Date.UTC(2021, 8, 10, 5), Date.UTC(2021, 8, 12, 7));
    const between = [span(Date.UTC(2021, 8, 1), gap.from), span(gap.to, Date.UTC(2021, 9, 30))];
    const labelOf = (mine: object, other: object) =>
      classifyGaps([facts([gap], mine), facts([gap], { symbol: "ETHUSDT", ...other })])[0];
    expect(labelOf({ covered: between }, { covered: between })).toMatchObject({
      label: "unexplained",
      source: { en: "not asked for yet" },
    });
    expect(labelOf({}, { covered: between }).label).toBe("unexplained");
    expect(labelOf({ covered: between, denied: [gap] }, { covered: between, denied: [gap] })).toMatchObject({
      label: "exchange_outage",
      source: {
        en: "BTCUSDT, ETHUSDT all lack it; the exchange was asked and has none",
        vi: "BTCUSDT, ETHUSDT đều thiếu; đã hỏi sàn và sàn cũng không có",
      },
    });
    expect(labelOf({}, {}).label).toBe("exchange_outage");
  });

  it("leave unexplained what no spot market of the exchange lacks, and take it for no evidence", () => {
    const gap = span(Date.UTC(2021, 8, 29, 7), Date.UTC(2021, 8, 29, 9));
    for (const symbol of ["BTCUSD_PERP", "BTCUSD_210924"]) {
      expect(classifyGaps([facts([gap], { symbol })])).toEqual([
        {
          ...gap,
          symbol,
          label: "unexplained",
          source: { en: expect.stringContaining("no spot market"), vi: expect.any(String) },
        },
      ]);
      const other = span(Date.UTC(2021, 8, 10, 5), Date.UTC(2021, 8, 10, 7));
      expect(classifyGaps([facts([other]), facts([other], { symbol })])[0].label).toBe("unexplained");
    }
  });

  it("leave unexplained what nothing explains, and say whether the exchange was asked", () => {
    const gap = span(Date.UTC(2021, 8, 10), Date.UTC(2021, 8, 10, 1));
    const other = facts([], { symbol: "ETHUSDT" });
    expect(classifyGaps([facts([gap]), other])[0]).toMatchObject({
      label: "unexplained",
      source: { en: "not asked for yet" },
    });
    expect(classifyGaps([facts([gap], { denied: [gap] }), other])[0]).toMatchObject({
      label: "unexplained",
      source: { en: "the exchange was asked and has none" },
    });
  });
});
