import { foldDays, unitFor } from "../fold.ts";
import { instant } from "./fit.js";

/** Fewer candles than this are drawn as they are. */
const ENOUGH = 450;

/**
 * The candles and the volume that are worth drawing for what is in view: days, weeks or months, and one view's
 * length to either side for panning. Thousands of candles in the page make it slow.
 * @param data all traces, by day
 * @param view first and last instant, ms
 * @returns the same data where nothing is to be gained
 */
export function folded(data, layout, [from, to]) {
  const candles = data.find((trace) => trace.type === "candlestick");
  if (!layout.meta?.fold || candles === undefined || candles.x.length <= ENOUGH) return data;
  const volume = data.find((trace) => trace.type === "bar" && trace.name === "volume");
  const near = nearby(candles, volume, from - (to - from), to + (to - from));
  const unit = unitFor((to - from) / 86_400_000, ENOUGH);
  const rows = foldDays(near, unit);
  return data.map((trace) => {
    if (trace === candles) return candlesOf(trace, rows, unit);
    return trace === volume ? volumeOf(trace, rows, candles) : trace;
  });
}

function nearby({ x, open, high, low, close, text }, volume, from, to) {
  const rows = [];
  for (const [i, day] of x.entries()) {
    const at = instant(day);
    if (at < from || at > to) continue;
    rows.push({
      day,
      open: open[i],
      high: high[i],
      low: low[i],
      close: close[i],
      volume: volume?.y[i] ?? null,
      text: text[i],
    });
  }
  return rows;
}

function candlesOf(trace, rows, unit) {
  return {
    ...trace,
    x: rows.map((row) => row.day),
    open: rows.map((row) => row.open),
    high: rows.map((row) => row.high),
    low: rows.map((row) => row.low),
    close: rows.map((row) => row.close),
    text: rows.map((row) => (unit === "day" ? row.text : `whole ${unit}`)),
  };
}

function volumeOf(trace, rows, { increasing, decreasing }) {
  const colour = (row) => (row.close < row.open ? decreasing : increasing).line.color;
  return {
    ...trace,
    x: rows.map((row) => row.day),
    y: rows.map((row) => row.volume),
    marker: { ...trace.marker, color: rows.map(colour) },
  };
}
