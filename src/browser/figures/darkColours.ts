import { FAINT, GRID, INK, PALETTE } from "../../charts/theme.ts";
import type { Annotation, Axis, Layout, Trace } from "./plotlyTypes.ts";

export type Scheme = "light" | "dark";

const CHALK = "#d6d6d6";
const [FAINT_ON_DARK, GRID_ON_DARK] = ["#a6a6a6", "#3d3d3d"];

/** Colours on a light and on a dark page: text and lines; blue, as a line and as a fill. */
const PAIRS: readonly (readonly [light: string, dark: string])[] = [
  [INK, CHALK],
  [PALETTE.blue, "#3B9AD9"],
  ["rgba(0,114,178,", "rgba(59,154,217,"],
];

/** The properties of a trace that hold colours. */
const STYLES = ["line", "marker", "fillcolor", "increasing", "decreasing"];

/** The page's colour scheme: JupyterLab's theme, else the browser's. */
export function pageScheme(): Scheme {
  const jupyter = document.body?.dataset.jpThemeLight;
  const dark =
    jupyter === undefined ? window.matchMedia("(prefers-color-scheme: dark)").matches : jupyter === "false";
  return dark ? "dark" : "light";
}

/** Traces in the colours of a page; charts are made for a light one. */
export function traceColours(data: readonly Trace[], scheme: Scheme): Trace[] {
  const swap = (style: unknown): unknown => {
    if (typeof style === "string") return PAIRS.reduce((text, pair) => replaced(text, pair, scheme), style);
    if (Array.isArray(style)) return style.map(swap);
    if (style === null || typeof style !== "object") return style;
    return Object.fromEntries(Object.entries(style).map(([name, part]) => [name, swap(part)]));
  };
  return data.map((trace) => {
    const styles = STYLES.filter((name) => name in trace).map((name) => [name, swap(trace[name])]);
    return { ...trace, ...Object.fromEntries(styles) };
  });
}

function replaced(text: string, [light, dark]: readonly [string, string], scheme: Scheme): string {
  return scheme === "dark" ? text.replace(light, dark) : text.replace(dark, light);
}

/** A layout in the colours of a page, on the page's own background. */
export function layoutColours(layout: Layout, scheme: Scheme): Layout {
  const dark = scheme === "dark";
  const grid = dark ? GRID_ON_DARK : GRID;
  const axes = Object.keys(layout).filter((name) => /^[xy]axis\d*$/.test(name));
  return {
    ...layout,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { ...(layout.font ?? {}), color: dark ? CHALK : INK },
    annotations: (layout.annotations ?? []).map((part) => annotationColours(part, scheme)),
    shapes: (layout.shapes ?? []).map((part) => annotationColours(part, scheme)),
    ...Object.fromEntries(
      axes.map((name) => {
        const axis = layout[name] as Axis;
        return [name, { ...axis, ...lines(grid), ...rangeSelector(axis, scheme) }];
      }),
    ),
  };
}

const lines = (color: string) => ({ gridcolor: color, linecolor: color, zerolinecolor: color });

function rangeSelector({ rangeselector }: Axis, scheme: Scheme): Partial<Axis> {
  if (!rangeselector) return {};
  const [bgcolor, activecolor] = scheme === "dark" ? ["#2b323a", "#4a5560"] : ["#eeeeee", "#d4d4d4"];
  return { rangeselector: { ...rangeselector, bgcolor, activecolor } };
}

/** Notes and rules in the faint grey, which is too dark on a dark page, in a lighter one there. */
function annotationColours(part: Annotation, scheme: Scheme): Annotation {
  const [from, to] = scheme === "dark" ? [FAINT, FAINT_ON_DARK] : [FAINT_ON_DARK, FAINT];
  const swap = (style?: { color?: string }) => (style?.color === from ? { ...style, color: to } : style);
  return {
    ...part,
    ...(part.font && { font: swap(part.font) }),
    ...(part.line && { line: swap(part.line) }),
    ...(part.label && { label: { ...part.label, font: swap(part.label.font) } }),
  };
}
