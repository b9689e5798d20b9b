import { describe, expect, it } from "vitest";
import { klineMessage, madeUpMinutes } from "../../testkit/stream.ts";
import type { Candle } from "../candle/candle.ts";
import { foldDays } from "../candle/foldDay.ts";
import {
  applyRecord,
  emptyOutput,
  emptyState,
  openWindowsOf,
  type StreamState,
} from "../speed/consume/state.ts";
import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from "../time/epoch.ts";
import { encodeMessage } from "../topic/message.ts";
import { changedDays, openDays, settle } from "./openDays.ts";

const START = Date.UTC(2025, 5, 2);
const RULES = { topic: "test", lateness: Number.POSITIVE_INFINITY, simulated: false };

const stream = (): StreamState => ({
  ...emptyState(),
  partitions: [{ next: 0, digest: null, seen: Number.NEGATIVE_INFINITY }],
});

/** Applies candles as final messages, or as updates that may still change. */
function apply(state: StreamState, candles: readonly Candle[], final = true): void {
  for (const candle of candles) {
    const eventTime = candle.openTime + (final ? MINUTE_MS : MINUTE_MS / 2);
    const value = encodeMessage(klineMessage(candle, final, eventTime));
    const record = { partition: 0, offset: 0, timestamp: eventTime as EpochMs, key: candle.symbol, value };
    applyRecord(state, emptyOutput(), record, RULES);
  }
}

const shownOf = ({ openTime, open, high, low, close, volume }: Candle) => [
  openTime,
  open,
  high,
  low,
  close,
  volume,
];

describe("the open days of a followed stream", () => {
  it("are the newest day of each symbol, with its minutes and the day that they fold to", () => {
    const state = stream();
    const days = madeUpMinutes(1, "BTCUSDT", START + DAY_MS - HOUR_MS, 150);
    const newest = days.slice(60);
    const other = madeUpMinutes(2, "ETHUSDT", START, 10);
    apply(state, [...days, ...other]);
    const shown = openDays(state);
    expect(shown.map(({ symbol }) => symbol)).toEqual(["BTCUSDT", "ETHUSDT"]);
    expect(shown.map(({ minutes }) => minutes)).toEqual([newest, other].map((own) => own.map(shownOf)));
    const { open, high, low, close, volume } = foldDays(newest)[0];
    expect(shown[0].row).toMatchObject({
      day: "2025-06-03",
      open,
      high,
      low,
      close,
      volume,
      complete: false,
    });
    expect(shown[0].price).toBeNull();
  });

  it("have a minute that still changes as it is now", () => {
    const state = stream();
    const [minute] = madeUpMinutes(3, "BTCUSDT", START, 1);
    apply(state, [{ ...minute, close: minute.low }], false);
    expect(openDays(state)[0].minutes).toEqual([shownOf({ ...minute, close: minute.low })]);
    apply(state, [minute]);
    expect(openDays(state)[0].minutes).toEqual([shownOf(minute)]);
  });

  it("change by the hours that have something new, until the changes are marked as seen", () => {
    const state = stream();
    const minutes = madeUpMinutes(4, "BTCUSDT", START, 150);
    apply(state, minutes.slice(0, 149));
    settle(state);
    expect(changedDays(state)).toEqual([]);
    apply(state, minutes.slice(149));
    expect(changedDays(state).map((one) => one.minutes)).toEqual([minutes.slice(120).map(shownOf)]);
    settle(state);
    expect(changedDays(state)).toEqual([]);
    expect(openDays(state)[0].minutes).toHaveLength(150);
  });

  it("are kept, and the days before them dropped", () => {
    const state = stream();
    apply(state, madeUpMinutes(5, "BTCUSDT", START + DAY_MS - HOUR_MS, 120));
    expect(openWindowsOf(state)).toHaveLength(2);
    settle(state);
    expect(openWindowsOf(state).map(({ start }) => start)).toEqual([START + DAY_MS]);
  });
});
