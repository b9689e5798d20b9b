import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { noRecordedData, recorded } from "../../testkit/data.ts";
import { DAY_MS, type EpochMs, MINUTE_MS } from "../time/epoch.ts";
import { VENUES } from "./registry.ts";
import { fetchStretch } from "./stretch.ts";
import { INTERVALS, type Interval } from "./venueInterval.ts";

/** What a page's request says; `to` is inclusive. */
interface PageRequest {
  from: number;
  to: number;
  limit: number;
}
/** The rows that answer a page's request. */
type Page = (request: PageRequest) => unknown[];

/** How a venue's answers are recorded. */
interface Recording {
  /** One candle, its prices derived from its open time. */
  row(openTime: number, interval: Interval): unknown;
  openTimeOf(row: unknown): number;
  /** The body that answers a request: the venue's clock, or the page's rows. */
  answer(url: URL, now: number, page: Page): unknown;
}

const priceOf = (openTime: number) => 100 + ((openTime / MINUTE_MS) % 97);

/** A venue in the registry has a recording here. */
const RECORDINGS: Record<keyof typeof VENUES, Recording> = {
  binance: {
    row: (time, interval) => {
      const price = `${priceOf(time)}.50000000`;
      const end = time + INTERVALS[interval] - 1;
      return [time, price, price, price, price, "2.00000000", end, "3.00000000", 4, "1.0", "1.5", "0"];
    },
    openTimeOf: (row) => (row as [number])[0],
    answer: ({ pathname, searchParams }, now, page) => {
      if (pathname === "/api/v3/time") return { serverTime: now };
      const [from, to, limit] = ["startTime", "endTime", "limit"].map((name) =>
        Number(searchParams.get(name)),
      );
      return page({ from, to, limit });
    },
  },
};

/** 30 s into a minute, which is open. */
const NOW = Date.UTC(2025, 5, 3, 12, 0, 30);
const MINUTE = Math.floor(NOW / MINUTE_MS) * MINUTE_MS;
const FROM = MINUTE - 2_500 * MINUTE_MS;

/** The times of a grid in [from, to). */
const grid = (from: number, to: number) =>
  Array.from({ length: Math.max(0, Math.ceil((to - from) / MINUTE_MS)) }, (_, i) => from + i * MINUTE_MS);

afterEach(() => vi.unstubAllGlobals());

describe.each(Object.keys(VENUES) as (keyof typeof VENUES)[])("%s", (name) => {
  const { row, openTimeOf, answer } = RECORDINGS[name];

  /** Fetches a stretch from answers that `page` makes. Our clock is ten minutes ahead of the venue's. */
  const fetched = async (page: Page, interval: Interval, [from, to]: number[], emptyAnswers = 1) => {
    vi.stubGlobal("fetch", async (url: string) => Response.json(answer(new URL(url), NOW, page)));
    const rest = VENUES[name].rest({
      base: "http://venue.test",
      network: { now: () => NOW + 10 * MINUTE_MS, wait: async () => {}, random: () => 0.5, timeoutMs: 1_000 },
      bans: { check: async () => {}, add: async () => Promise.reject(new Error("banned")) },
      market: async () => null,
    });
    await rest.time();
    return fetchStretch(rest, { symbol: "BTCUSDT", interval, from, to }, emptyAnswers);
  };
  const minutes = async (page: Page, stretch: number[], emptyAnswers?: number) => {
    const { candles } = await fetched(page, "1m", stretch, emptyAnswers);
    for (const { openTime, close } of candles) expect(close).toBe(priceOf(openTime) + 0.5);
    return candles.map(({ openTime }) => openTime as number);
  };
  const rows = (times: readonly number[]) => times.map((time) => row(time, "1m"));
  /** The times of an honest page: from the first on, as many as there may be. */
  const honest = ({ from, to, limit }: PageRequest) => grid(from, Math.min(to + 1, MINUTE)).slice(0, limit);

  const CASES: Record<string, Page> = {
    "are honest": (request) => rows(honest(request)),
    overlap: (request) => rows([...grid(request.from - 300 * MINUTE_MS, request.from), ...honest(request)]),
    "end early": (request) => rows(honest(request).slice(0, 7)),
    "come in the wrong order": (request) => rows(honest(request).reverse()),
    "repeat the last candle": (request) => rows(honest(request).flatMap((time) => [time, time])),
    "begin with the last candle of the page before": (request) =>
      rows([request.from - MINUTE_MS, ...honest(request)]),
    "hold the open candle": (request) => rows([...honest(request), MINUTE]),
    "hold fewer than the limit": (request) => rows(honest({ ...request, limit: request.limit / 2 })),
    "hold more than the limit": (request) => rows(honest({ ...request, limit: request.limit * 1.5 })),
    "go on behind the stretch": (request) => rows([...honest(request), ...grid(request.to + 1, MINUTE)]),
  };

  it.each(Object.entries(CASES))("loses and doubles nothing where pages %s", async (_, page) => {
    for (const emptyAnswers of [1, 3]) {
      expect(await minutes(page, [FROM, MINUTE], emptyAnswers)).toEqual(grid(FROM, MINUTE));
      const open = [MINUTE - 30 * MINUTE_MS, MINUTE + 30 * MINUTE_MS];
      expect(await minutes(page, open, emptyAnswers)).toEqual(grid(open[0], MINUTE));
      const inside = [FROM, FROM + 1_200 * MINUTE_MS];
      expect(await minutes(page, inside, emptyAnswers)).toEqual(grid(inside[0], inside[1]));
    }
  });

  it("refuses an answer with a row that is no candle, instead of the row", async () => {
    for (const odd of [null, [], "x", {}]) {
      const page: Page = (request) => [...rows(honest(request)), odd];
      await expect(minutes(page, [FROM, MINUTE])).rejects.toMatchObject({ code: "invalid_answer", exit: 3 });
    }
  });

  it("gives each candle that there is once, whatever is wrong with each page", async () => {
    const flaw = fc.record({
      keep: fc.integer({ min: 1, max: 40 }),
      before: fc.nat(5),
      repeat: fc.nat(2),
      behind: fc.nat(3),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 120 }),
        fc.infiniteStream(flaw),
        fc.constantFrom(1, 3),
        async (present, flaws, emptyAnswers) => {
          const from = MINUTE - (present.length - 1) * MINUTE_MS;
          // The last one is open.
          const there = present.map((_, i) => from + i * MINUTE_MS).filter((_, i) => present[i]);
          const page: Page = (request) => {
            const { keep, before, repeat, behind, seed } = flaws.next().value;
            const first = there.findIndex((time) => time >= request.from);
            if (first < 0 || there[first] > request.to) return [];
            const times = there.slice(Math.max(0, first - before), first + keep + behind);
            const doubled = [...times, ...times.slice(0, repeat), ...times.slice(times.length - repeat)];
            const place = (time: number, i: number) => (((time / MINUTE_MS) * 31 + i * 17) ^ seed) % 101;
            const order = doubled.map((time, i) => ({ time, at: place(time, i) }));
            return rows(order.sort((a, b) => a.at - b.at).map(({ time }) => time));
          };
          const closed = there.filter((time) => time < MINUTE);
          expect(await minutes(page, [from, MINUTE + DAY_MS], emptyAnswers)).toEqual(closed);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.skipIf(noRecordedData !== null)("gives the days that the exchange answered", async () => {
    const folder = recorded("klines_rest", "BTCUSDT_1d");
    const answers = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, "utf8"));
    const all = answers.flatMap((text) => JSON.parse(text) as unknown[]);
    const times = [...new Set(all.map(openTimeOf))].sort((a, b) => a - b);
    const page: Page = ({ from, to, limit }) =>
      all.filter((one) => openTimeOf(one) >= from && openTimeOf(one) <= to).slice(0, limit);
    const { candles } = await fetched(page, "1d", [times[0], NOW]);
    expect(candles.map(({ openTime }) => openTime as number)).toEqual(
      times.filter((time) => time + DAY_MS <= (NOW as EpochMs)),
    );
    expect(candles.map(({ line }) => line)).toContain((all[0] as unknown[]).join(","));
  });
});
