import * as Plot from "@observablehq/plot";
import { DAY_MS } from "../time/epoch.ts";
import {
  type Axis,
  type BandMark,
  type BandPoint,
  type Bar,
  type BarsMark,
  type CandlesMark,
  type Cell,
  type CellsMark,
  instantOf,
  isTime,
  type LineMark,
  type Mark,
  type Place,
  type Point,
  type PointsMark,
  type RowBar,
  type RowBarsMark,
  type RulesMark,
} from "./description.ts";
import { FALLING, PAPER, RISING } from "./theme.ts";

/** A panel's axes, as a still picture has them. */
export interface StillAxes {
  x: Axis;
  y: Axis;
  /** The ends of the x axis; on a time axis epoch milliseconds. */
  ends: readonly [number, number];
  /** Pixels between them. */
  width: number;
}

/** The pattern of a dashed line, on and off, pixels. */
export const DASHES = { dash: "5 4", dot: "2 3" };
const CURVES = { after: "step-after", middle: "step" } as const;
/** A candle or a bar is never wider, pixels. */
const WIDEST = 12;
/** More cells than these are small. */
const MANY_CELLS = 1240;
/** Of its row, on either side of the middle. */
const HALF_ROW = 0.33;

export function stillMark(mark: Mark, axes: StillAxes): Plot.Markish[] {
  switch (mark.kind) {
    case "line":
      return line(mark, axes);
    case "points":
      return [dots(mark, mark.radius, axes)];
    case "band":
      return [band(mark, axes)];
    case "bars":
      return [bars(mark, axes)];
    case "rowBars":
      return rowBars(mark, axes);
    case "candles":
      return candles(mark, axes);
    case "cells":
      return [cells(mark)];
    case "rules":
      return rules(mark, axes);
  }
}

/** A place in the form of the axis's scale. */
export function onScale(axis: Axis, place: Place): Date | number {
  return isTime(axis) ? new Date(instantOf(place)) : Number(place);
}

/** The least and the greatest that a mark covers along x; none for one that is no reason to lengthen the axis. */
export function extentOf(mark: Mark): number[] {
  switch (mark.kind) {
    case "line":
    case "points":
    case "band":
      return ends(mark.points.map(({ x }) => x));
    case "bars": {
      const shared = barDays(mark);
      return mark.bars.flatMap(({ x, days = shared }) => around(x, days));
    }
    case "candles": {
      const days = mark.candles.map(({ x }) => x);
      return ends(days).flatMap((end) => around(end, distance(days)));
    }
    case "rowBars":
      return mark.bars.flatMap(({ from, to }) => [instantOf(from), instantOf(to)]);
    case "cells":
      return mark.cells.flatMap(({ column }) => [column - 0.5, column + 0.5]);
    case "rules":
      return [];
  }
}

function ends(places: readonly Place[]): number[] {
  const instants = places.map(instantOf);
  return [Math.min, Math.max].map((end) => instants.reduce((a, b) => end(a, b), instants[0]));
}

function around(place: Place, days: number): number[] {
  return [instantOf(place) - (days * DAY_MS) / 2, instantOf(place) + (days * DAY_MS) / 2];
}

/** The smallest distance between two neighbours, days. */
function distance(places: readonly Place[]): number {
  const gaps = places.slice(1).map((place, i) => instantOf(place) - instantOf(places[i]));
  return gaps.reduce((least, gap) => Math.min(least, gap), gaps[0] ?? DAY_MS) / DAY_MS;
}

function barDays({ bars: list, days }: BarsMark): number {
  return days ?? 0.7 * distance(list.map(({ x }) => x));
}

function pixelsOf(days: number, { ends: [from, to], width }: StillAxes): number {
  return Math.max(1, (days * DAY_MS * width) / (to - from));
}

function line(mark: LineMark, axes: StillAxes): Plot.Markish[] {
  const { points, colour, width = 1.5, dash, step, dots: radius, fill } = mark;
  // Where points are closer than pixels, no step can be seen.
  const curve = step && points.length < axes.width ? CURVES[step] : undefined;
  const at = { x: (point: Point) => onScale(axes.x, point.x), curve };
  const y = (point: Point) => (point.y === null ? Number.NaN : onScale(axes.y, point.y));
  return [
    fill === undefined ? null : Plot.areaY(points, { ...at, y1: 0, y2: y, fill: colour, fillOpacity: fill }),
    Plot.lineY(points, {
      ...at,
      y,
      ...{ stroke: colour, strokeWidth: width, ...(dash && { strokeDasharray: DASHES[dash] }) },
    }),
    radius === undefined ? null : dots(mark, radius, axes),
  ];
}

function dots({ points, colour }: LineMark | PointsMark, r: number, { x, y }: StillAxes): Plot.Markish {
  return Plot.dot(
    points.filter((point) => point.y !== null),
    {
      x: (point: Point) => onScale(x, point.x),
      y: (point: Point) => onScale(y, point.y as Place),
      ...{ r, fill: colour },
    },
  );
}

function band({ points, colour, opacity }: BandMark, { x }: StillAxes): Plot.Markish {
  const end = (key: "low" | "high") => (point: BandPoint) => point[key] ?? Number.NaN;
  return Plot.areaY(points, {
    x: (point: BandPoint) => onScale(x, point.x),
    ...{ y1: end("low"), y2: end("high"), fill: colour, fillOpacity: opacity },
  });
}

function bars(mark: BarsMark, axes: StillAxes): Plot.Markish {
  const { bars: list, colour, days, opacity = 1 } = mark;
  const own = list.some((bar) => bar.days !== undefined);
  const narrow = (pixels: number) => (own || days !== undefined ? pixels : Math.min(WIDEST, pixels));
  const width = (bar: Bar | null) => narrow(pixelsOf(bar?.days ?? barDays(mark), axes));
  return Plot.ruleX(list, {
    x: (bar: Bar) => onScale(axes.x, bar.x),
    y1: (bar: Bar) => bar.from ?? 0,
    y2: (bar: Bar) => bar.y ?? Number.NaN,
    stroke: list.some((bar) => bar.colour) ? (bar: Bar) => bar.colour ?? colour : colour,
    strokeWidth: own ? width : width(null),
    strokeOpacity: opacity,
  });
}

function candles({ candles: list }: CandlesMark, axes: StillAxes): Plot.Markish[] {
  const days = 0.7 * distance(list.map(({ x }) => x));
  const width = Math.min(WIDEST, pixelsOf(days, axes));
  const x = (row: { x: Place }) => onScale(axes.x, row.x);
  const stroke = (row: { open: number; close: number }) => (row.close < row.open ? FALLING : RISING);
  return [
    Plot.ruleX(list, { x, y1: "low", y2: "high", stroke, strokeWidth: Math.min(1, width) }),
    Plot.ruleX(list, { x, y1: "open", y2: "close", stroke, strokeWidth: width }),
  ];
}

function rowBars({ bars: list, colour }: RowBarsMark, { x }: StillAxes): Plot.Markish[] {
  const end = ({ from, to }: RowBar) => (instantOf(from) > instantOf(to) ? from : to);
  return [
    Plot.rect(list, {
      x1: (bar: RowBar) => onScale(x, bar.from),
      x2: (bar: RowBar) => onScale(x, bar.to),
      y1: ({ row }: RowBar) => row - HALF_ROW,
      y2: ({ row }: RowBar) => row + HALF_ROW,
      fill: (bar: RowBar) => bar.colour ?? colour,
    }),
    Plot.text(
      list.filter(({ note }) => note !== undefined),
      {
        x: (bar: RowBar) => onScale(x, end(bar)),
        y: "row",
        text: ({ note }: RowBar) => note?.en,
        ...{ textAnchor: "start", dx: 8 },
      },
    ),
  ];
}

function cells({ cells: list, kinds }: CellsMark): Plot.Markish {
  const [x, y] = [({ column }: Cell) => column, ({ row }: Cell) => row];
  const edge = (middle: (cell: Cell) => number, way: number) => (cell: Cell) => middle(cell) + way / 2;
  return Plot.rect(list, {
    ...{ x1: edge(x, -1), x2: edge(x, 1), y1: edge(y, -1), y2: edge(y, 1) },
    fill: ({ kind }: Cell) => kinds[kind].colour,
    inset: list.length > MANY_CELLS ? 0.5 : 1,
  });
}

function rules(
  { axis, at, colour, dash, note }: RulesMark,
  { x, y, ends: [, end] }: StillAxes,
): Plot.Markish[] {
  const style = { stroke: colour, ...(dash && { strokeDasharray: DASHES[dash] }) };
  if (axis === "x")
    return [
      Plot.ruleX(
        at.map((place) => onScale(x, place)),
        style,
      ),
    ];
  const places = at.map((place) => onScale(y, place));
  // Over the lines, with a rim of paper: they end where the note is.
  const rim = { stroke: PAPER, strokeWidth: 4 };
  const text = { x: onScale(x, end), y: (place: Date | number) => place, text: () => note?.en };
  return [
    Plot.ruleY(places, style),
    note === undefined
      ? null
      : Plot.text(places, { ...text, textAnchor: "end", dy: -6, fill: colour, ...rim }),
  ];
}
