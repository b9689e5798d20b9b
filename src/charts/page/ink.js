/** Text and lines on white paper, and on a dark page. */
export const [INK, CHALK] = ["#2b2b2b", "#d6d6d6"];

/** Light and dark: what has the colour of ink; blue, as a line and as a fill, which a dark page swallows. */
const PAIRS = [
  [INK, CHALK],
  ["#0072B2", "#3B9AD9"],
  ["rgba(0,114,178,", "rgba(59,154,217,"],
];

/** Where a trace has its colours. */
const STYLES = ["line", "marker", "fillcolor", "increasing", "decreasing"];

/** Traces in the colours of a dark page, or, of a light one, in their own. */
export function inked(data, dark) {
  const swaps = dark ? PAIRS : PAIRS.map(([light, bright]) => [bright, light]);
  const swapped = (style) => {
    if (typeof style === "string") return swaps.reduce((text, [from, to]) => text.replace(from, to), style);
    if (Array.isArray(style)) return style.map(swapped);
    if (style === null || typeof style !== "object") return style;
    return Object.fromEntries(Object.entries(style).map(([name, part]) => [name, swapped(part)]));
  };
  return data.map((trace) => {
    const styles = STYLES.filter((name) => name in trace).map((name) => [name, swapped(trace[name])]);
    return { ...trace, ...Object.fromEntries(styles) };
  });
}
