import { type FoldableDay, foldDays, unitFor } from "../../charts/fold.ts";
import { DAY_MS } from "../../time/epoch.ts";
import { instantOf } from "./autoscale.ts";
import type { CandleTrace, Layout, Range, Trace } from "./plotly.ts";

/** The most candles that are drawn in one view: thousands make the page slow. */
const MOST_CANDLES = 450;

interface CandleRow extends FoldableDay {
  text: string;
}

/**
 * Traces with candles and volume folded to days, weeks or months, whichever the view can show apart, and with one
 * view's length on either side for panning.
 * @param data all traces, by day
 * @param view first and last instant, epoch milliseconds
 * @returns `data` itself where the layout does not request it, or the history is short
 */
export function atDetail(data: Trace[], layout: Layout, [from, to]: Range): Trace[] {
  const candles = data.find(isCandles);
  const fold = layout.meta?.fold;
  if (fold === undefined || candles === undefined || candles.x.length <= MOST_CANDLES) return data;
  const volume = data.find((trace) => trace.type === "bar" && trace.yaxis === "y2");
  const length = to - from;
  const unit = unitFor(length / DAY_MS, MOST_CANDLES);
  const rows = foldDays(
    rowsOf(candles, volume).filter(({ day }) => {
      const instant = instantOf(day);
      return instant >= from - length && instant <= to + length;
    }),
    unit,
  );
  return data.map((trace) => {
    if (trace === candles) return candlesOf(candles, rows, unit === "day" ? null : fold[unit]);
    return trace === volume ? volumeOf(trace, rows, candles) : trace;
  });
}

function isCandles(trace: Trace): trace is CandleTrace {
  return trace.type === "candlestick";
}

function rowsOf({ x, open, high, low, close, text }: CandleTrace, volume: Trace | undefined): CandleRow[] {
  return x.map((day, i) => ({
    day,
    open: open[i],
    high: high[i],
    low: low[i],
    close: close[i],
    volume: volume?.y?.[i] ?? null,
    text: text[i],
  }));
}

function candlesOf(trace: CandleTrace, rows: readonly CandleRow[], words: string | null): CandleTrace {
  return {
    ...trace,
    x: rows.map((row) => row.day),
    open: rows.map((row) => row.open),
    high: rows.map((row) => row.high),
    low: rows.map((row) => row.low),
    close: rows.map((row) => row.close),
    text: rows.map((row) => words ?? row.text),
  };
}

function volumeOf(trace: Trace, rows: readonly CandleRow[], { increasing, decreasing }: CandleTrace): Trace {
  const colourOf = (row: CandleRow) => (row.close < row.open ? decreasing : increasing).line.color;
  return {
    ...trace,
    x: rows.map((row) => row.day),
    y: rows.map((row) => row.volume),
    marker: { ...(trace.marker ?? {}), color: rows.map(colourOf) },
  };
}
