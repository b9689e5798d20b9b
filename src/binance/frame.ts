import { z } from "zod";
import { isSymbol } from "../candle/symbol.ts";

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
    n: z.number().int().min(0),
    x: z.boolean(),
  }),
});

/** `<symbol>@ticker`. Its open, high, low and volume are rolling 24-hour figures and not read. */
const tickerForm = z.object({ e: z.literal("24hrTicker"), E: instant, s: symbol, c: decimal });

export type KlineFrame = z.infer<typeof klineForm>;
export type TickerFrame = z.infer<typeof tickerForm>;

export type Frame =
  | { kind: "kline"; frame: KlineFrame }
  | { kind: "ticker"; frame: TickerFrame }
  /** An answer to a request, or an event that is not asked for. */
  | { kind: "other"; type: string }
  | { kind: "broken"; reason: "not_json" | "wrong_form" };

/** A frame's text taken apart. Fields that are not known are ignored. Never throws. */
export function parseFrame(text: string): Frame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "broken", reason: "not_json" };
  }
  const outer = (value ?? {}) as { stream?: unknown; data?: unknown; e?: unknown };
  const data = (outer.stream === undefined ? outer : (outer.data ?? {})) as { e?: unknown };
  if (data.e === "kline") {
    const form = klineForm.safeParse(data);
    if (!form.success) return { kind: "broken", reason: "wrong_form" };
    const interval = form.data.k.i;
    return interval === "1m" ? { kind: "kline", frame: form.data } : { kind: "other", type: interval };
  }
  if (data.e === "24hrTicker") {
    const form = tickerForm.safeParse(data);
    return form.success ? { kind: "ticker", frame: form.data } : { kind: "broken", reason: "wrong_form" };
  }
  const named = data.e ?? outer.stream;
  if (typeof named === "string") return { kind: "other", type: named };
  return typeof value === "object" && value !== null
    ? { kind: "other", type: "unnamed" }
    : { kind: "broken", reason: "wrong_form" };
}

/** Address of one connection that carries minutes and tickers of these symbols. */
export function combinedStreamUrl(base: string, symbols: readonly string[]): string {
  const names = symbols.flatMap((name) => {
    const lower = encodeURIComponent(name.toLowerCase());
    return [`${lower}@kline_1m`, `${lower}@ticker`];
  });
  return `${base.replace(/\/+$/, "")}/stream?streams=${names.join("/")}`;
}
