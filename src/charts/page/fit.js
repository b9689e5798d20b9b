/**
 * Ranges for the value axes after the reader chose other days, so that what is in view fills the height: plotly
 * alone keeps them fitted to the whole history.
 * @param data all traces, with days in `x`; prices in `y`, or in `low` and `high`
 * @param change what plotly says was changed
 * @returns changes for plotly's `relayout`, or null where the days in view did not change
 */
export function fitted(data, layout, change) {
  const keys = Object.keys(change);
  const chosen = keys.some((key) => /^xaxis\d*\.(range|autorange)/.test(key));
  if (!chosen || keys.some((key) => /^yaxis/.test(key)) || !layout.meta?.fit) return null;
  const view = inView(layout, data);
  const ranges = {};
  for (const axis of layout.meta.fit) {
    const name = `y${axis.slice(5)}`;
    const [low, high] = extent(
      data.filter((trace) => (trace.yaxis ?? "y") === name),
      view,
    );
    if (low > high) continue;
    const floor = layout[axis].rangemode === "tozero" ? 0 : low;
    ranges[`${axis}.range`] = padded(floor, high, layout[axis].type === "log");
  }
  return ranges;
}

/**
 * What marks a logarithmic axis: where it has most of a decade or more, all digits of one would stand on one another,
 * and 1, 2 and 5 alone are marked.
 * @param range its ends' logarithms
 */
export function logMarks({ type }, [low, high]) {
  return type === "log" ? { dtick: high - low > 0.8 ? "D2" : undefined } : {};
}

/** The first and last instant in view, ms. */
export function inView({ xaxis }, data) {
  if (xaxis?.range && !xaxis.autorange) return xaxis.range.map(instant);
  // A trace that stands for its legend alone has null for its place.
  const places = data.map(({ x }) => (x ?? []).filter((place) => place !== null));
  const instants = places.filter((x) => x.length > 0).flatMap((x) => [x[0], x[x.length - 1]].map(instant));
  return [Math.min(...instants), Math.max(...instants)];
}

/** Days and plotly's `2025-05-20 12:00:00.5` are UTC. */
export function instant(text) {
  if (typeof text === "number") return text;
  return Date.parse(text.length > 10 ? `${text.replace(" ", "T")}Z` : text);
}

function extent(traces, [from, to]) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const trace of traces) {
    for (const [i, x] of trace.x.entries()) {
      const at = instant(x);
      if (at < from || at > to) continue;
      for (const value of trace.low ? [trace.low[i], trace.high[i]] : [trace.y[i]]) {
        if (value === null) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  return [low, high];
}

function padded(low, high, log) {
  if (log) {
    const [a, b] = [Math.log10(low), Math.log10(high)];
    const room = (b - a) * 0.05 || 0.05;
    return [a - room, b + room];
  }
  const room = (high - low) * 0.05 || high * 0.05;
  return [low === 0 ? 0 : low - room, high + room];
}
