import { foldTo, levelFor, type PlacedCandle } from "../../charts/fold.ts";
import { instantOf } from "./autoscale.ts";
import type { CandleTrace, Layout, Range, Trace } from "./plotlyTypes.ts";

/** The most candles that are drawn in one view: thousands make the page slow. */
const MOST_CANDLES = 450;

interface CandleRow extends PlacedCandle {
  text: string;
}

/**
 * Traces with candles and volume as they are, or folded to the finest interval that the view can show apart, and
 * with one view's length on either side for panning.
 * @param data all traces, by time
 * @param view first and last instant, epoch milliseconds
 * @returns `data` itself where the layout does not request it, or the history is short
 */
export function atDetail(data: Trace[], layout: Layout, [from, to]: Range): Trace[] {
  const candles = data.find(isCandles);
  const levels = layout.meta?.levels;
  if (levels === undefined || candles === undefined || candles.x.length <= MOST_CANDLES) return data;
  const volume = data.find((trace) => trace.type === "bar" && trace.yaxis === "y2");
  const length = to - from;
  const level = levelFor(length, levels.interval, MOST_CANDLES);
  const rows = foldTo(
    rowsOf(candles, volume).filter(({ x }) => {
      const instant = instantOf(x);
      return instant >= from - length && instant <= to + length;
    }),
    levels.interval,
    level,
  );
  return data.map((trace) => {
    if (trace === candles)
      return candlesOf(candles, rows, level === levels.interval ? null : (levels.words[level] ?? null));
    return trace === volume ? volumeOf(trace, rows, candles) : trace;
  });
}

function isCandles(trace: Trace): trace is CandleTrace {
  return trace.type === "candlestick";
}

function rowsOf({ x, open, high, low, close, text }: CandleTrace, volume: Trace | undefined): CandleRow[] {
  return x.map((place, i) => ({
    x: place,
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
    x: rows.map((row) => row.x),
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
    x: rows.map((row) => row.x),
    y: rows.map((row) => row.volume),
    marker: { ...(trace.marker ?? {}), color: rows.map(colourOf) },
  };
}
