import { z } from "zod";
import { isSymbol } from "../../candle/symbol.ts";
import { type FixedInterval, isInterval } from "../../time/interval.ts";
import type { CandleUpdate, Frame } from "../venue.ts";

/**
 * The frames of the exchange's market streams, alone or within a combined stream's `{ stream, data }`.
 * https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams
 */

const decimal = z.string().regex(/^\d{1,24}(\.\d{1,24})?$/);
const instant = z.number().int().min(0);
const symbol = z.string().refine(isSymbol);

/** `<symbol>@kline_<interval>`: prices and volume of the interval so far. */
const klineForm = z.object({
  e: z.literal("kline"),
  E: instant,
  s: symbol,
  k: z.object({
    t: instant,
    i: z.string(),
    o: decimal,
    h: decimal,
    l: decimal,
    c: decimal,
    v: decimal,
    q: decimal.optional(),
    n: z.number().int().min(0),
    V: decimal.optional(),
    Q: decimal.optional(),
    x: z.boolean(),
  }),
});

/** `<symbol>@ticker`. Its open, high, low and volume are rolling 24-hour figures and not read. */
const tickerForm = z.object({ e: z.literal("24hrTicker"), E: instant, s: symbol, c: decimal });

/** @see VenueStream.parse */
export function parseFrame(text: string): Frame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "broken", reason: "not_json" };
  }
  const outer = (value ?? {}) as { stream?: unknown; data?: unknown; e?: unknown };
  const data = (outer.stream === undefined ? outer : (outer.data ?? {})) as { e?: unknown };
  if (data.e === "kline") return klineFrame(data);
  if (data.e === "24hrTicker") return tickerFrame(data);
  const named = data.e ?? outer.stream;
  if (typeof named === "string") return { kind: "other", type: named };
  return typeof value === "object" && value !== null ? { kind: "other", type: "unnamed" } : WRONG_FORM;
}

const WRONG_FORM: Frame = { kind: "broken", reason: "wrong_form" };

function tickerFrame(data: object): Frame {
  const form = tickerForm.safeParse(data);
  if (!form.success) return WRONG_FORM;
  const { E, s, c } = form.data;
  return { kind: "ticker", frame: { symbol: s, price: c, eventTime: E } };
}

function klineFrame(data: object): Frame {
  const form = klineForm.safeParse(data);
  if (!form.success) return WRONG_FORM;
  const { E, s, k } = form.data;
  const { t, i, o, h, l, c, v, q, n, V, Q, x } = k;
  if (!isInterval(i) || i === "1M") return { kind: "other", type: i };
  const frame: CandleUpdate = {
    symbol: s,
    interval: i,
    openTime: t,
    open: o,
    high: h,
    low: l,
    close: c,
    volume: v,
    quoteVolume: q,
    trades: n,
    takerBase: V,
    takerQuote: Q,
    final: x,
    eventTime: E,
  };
  return { kind: "kline", frame };
}

/** @see VenueStream.url */
export function combinedStreamUrl(base: string, symbols: readonly string[], interval: FixedInterval): string {
  const names = symbols.flatMap((name) => {
    const lower = encodeURIComponent(name.toLowerCase());
    return [`${lower}@kline_${interval}`, `${lower}@ticker`];
  });
  return `${base.replace(/\/+$/, "")}/stream?streams=${names.join("/")}`;
}
