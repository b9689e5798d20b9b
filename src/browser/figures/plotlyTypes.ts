import type { Interval } from "../../time/interval.ts";

/** Both ends of an axis; of a logarithmic one their logarithms. */
export type Range = [number, number];

/** A place on an axis: a day, plotly's `2025-05-20 12:00:00.5`, or epoch milliseconds, all in UTC. */
export type Place = string | number;

/** A plotly trace: of its properties those that the pages read. */
export interface Trace {
  type?: string;
  name?: string;
  /** Null in a trace that only has a legend entry, and between two parts of a line. */
  x?: (Place | null)[];
  y?: (number | null)[];
  low?: number[];
  high?: number[];
  /** Where bars begin; at 0 without it. */
  base?: number[];
  /** `x`, `x2` …; absent for the first. */
  xaxis?: string;
  /** `y`, `y2` …; absent for the first. */
  yaxis?: string;
  [property: string]: unknown;
}

export interface CandleTrace extends Trace {
  x: Place[];
  open: number[];
  high: number[];
  low: number[];
  close: number[];
  text: string[];
  increasing: { line: { color: string } };
  decreasing: { line: { color: string } };
}

export interface Axis {
  type?: string;
  range?: [Place, Place];
  autorange?: boolean;
  rangemode?: string;
  [property: string]: unknown;
}

/** The interval of a figure's candles, and the words of those that are folded to another one. */
export interface Levels {
  interval: Interval;
  words: Partial<Record<Interval, string>>;
}

export interface Layout {
  height?: number;
  xaxis?: Axis;
  /** What the charts need of the page: value axes scaled to the days in view, candles folded where there are many. */
  meta?: { autoscale?: string[]; levels?: Levels };
  annotations?: Annotation[];
  shapes?: Annotation[];
  [property: string]: unknown;
}

/** A note or a rule that is drawn over the traces. */
export interface Annotation {
  font?: { color?: string };
  line?: { color?: string };
  label?: { font?: { color?: string } };
  [property: string]: unknown;
}

export interface DrawnFigure {
  data: Trace[];
  layout: Layout;
}

/** What the reader changed, as plotly reports it: `xaxis.range[0]`, `yaxis.autorange` … */
export type Relayout = Readonly<Record<string, unknown>>;

export interface PlotlyConfig {
  displaylogo: boolean;
  modeBarButtonsToRemove: readonly string[];
  locale?: string;
}

/** An element in which plotly has drawn. */
export interface Chart extends HTMLElement, DrawnFigure {
  on(event: "plotly_relayout", listener: (change: Relayout) => void): void;
}

/** The functions of plotly.js that the pages call. */
export interface Plotly {
  newPlot(place: HTMLElement, data: Trace[], layout: Layout, config: PlotlyConfig): Promise<Chart>;
  react(chart: Chart, data: Trace[], layout: Layout, config: PlotlyConfig): Promise<Chart>;
  purge(chart: HTMLElement): void;
  Plots: { resize(chart: Chart): Promise<Chart> };
}

declare global {
  interface Window {
    /** plotly.min.js runs before the scripts of this folder. */
    Plotly: Plotly;
  }
}

/** An axis of a layout by its name, `xaxis`, `yaxis2` … */
export function axisOf(layout: Layout, name: string): Axis {
  return (layout[name] ?? {}) as Axis;
}
