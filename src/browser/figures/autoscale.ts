import type { Relayout, Trace } from "./plotlyTypes.ts";
import { type Axis, axisOf, type DrawnFigure, type Layout, type Place, type Range } from "./plotlyTypes.ts";

/** Whether the reader chose other days and left the value axes to us. */
export function changesDays(change: Relayout): boolean {
  const keys = Object.keys(change);
  return (
    keys.some((key) => /^xaxis\d*\.(range|autorange)/.test(key)) && !keys.some((key) => /^yaxis/.test(key))
  );
}

/**
 * The layout with its value axes scaled to the days in view: plotly alone keeps them scaled to the whole history.
 * Axes that `layout.meta.autoscale` does not name are left as they are.
 */
export function autoscaled({ data, layout }: DrawnFigure): Layout {
  const view = visibleRange(layout, data);
  const scaled = { ...layout };
  for (const name of layout.meta?.autoscale ?? []) {
    const axis = axisOf(layout, name);
    const [low, high] = valueRange(
      data.filter((trace) => (trace.yaxis ?? "y") === `y${name.slice("yaxis".length)}`),
      view,
    );
    if (low > high) continue;
    const range = padded(axis.rangemode === "tozero" ? 0 : low, high, axis);
    scaled[name] = { ...axis, range, autorange: false, ...logMarks(axis, range) };
  }
  return scaled;
}

/**
 * The tick spacing of a logarithmic axis: over most of a decade or more the labels of all its digits overlap, and only
 * 1, 2 and 5 are marked.
 * @param range the logarithms of its ends
 */
export function logMarks({ type }: Axis, [low, high]: Range): Partial<Axis> {
  return type === "log" ? { dtick: high - low > 0.8 ? "D2" : undefined } : {};
}

/** The first and last instant in view, epoch milliseconds. */
export function visibleRange({ xaxis }: Layout, data: readonly Trace[]): Range {
  if (xaxis?.range && !xaxis.autorange) return [instantOf(xaxis.range[0]), instantOf(xaxis.range[1])];
  const instants = data.flatMap(({ x = [], xaxis = "x" }) => {
    if (xaxis !== "x") return [];
    const places = x.filter((place) => place !== null);
    return places.length === 0 ? [] : [places[0], places[places.length - 1]].map(instantOf);
  });
  return [Math.min(...instants), Math.max(...instants)];
}

/** A place on a time axis, as plotly writes it too, in epoch milliseconds. */
export function instantOf(place: Place): number {
  if (typeof place === "number") return place;
  return Date.parse(place.length > 10 ? `${place.replace(" ", "T")}Z` : place);
}

/** The lowest and the highest value between two instants; the first is larger where there is none. */
function valueRange(traces: readonly Trace[], range: Range): Range {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const trace of traces) {
    for (const value of valuesIn(trace, range)) {
      lowest = Math.min(lowest, value ?? lowest);
      highest = Math.max(highest, value ?? highest);
    }
  }
  return [lowest, highest];
}

function* valuesIn({ x = [], y, low, high, base }: Trace, [from, to]: Range) {
  for (const [i, place] of x.entries()) {
    const instant = place === null ? Number.NaN : instantOf(place);
    if (!(instant >= from && instant <= to)) continue;
    const end = y?.[i];
    const top = end === null || end === undefined ? end : end + (base?.[i] ?? 0);
    yield* [low?.[i] ?? base?.[i] ?? top, high?.[i] ?? top];
  }
}

function padded(low: number, high: number, { type }: Axis): Range {
  if (type === "log") {
    const [a, b] = [Math.log10(low), Math.log10(high)];
    const padding = (b - a) * 0.05 || 0.05;
    return [a - padding, b + padding];
  }
  const padding = (high - low) * 0.05 || high * 0.05;
  return [low === 0 ? 0 : low - padding, high + padding];
}
