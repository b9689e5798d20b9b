import type { Source } from "../candle/candle.ts";
import type { Text } from "../core/text.ts";
import type { Interval } from "../time/interval.ts";
import type { PlacedCandle } from "./fold.ts";

/** On a time axis a UTC day, `2025-05-20`, or epoch milliseconds; on any other axis a number. */
export type Place = string | number;

/** What a figure shows, from which both renderers draw. */
export interface Description {
  /** Letters, digits and `-`: names files and anchors. */
  id: string;
  title: Text;
  subtitle: Text;
  /** What the picture shows, with its main figures, for those who can't see it. */
  alt: Text;
  source: Source;
  /** The axis that all panels share but those with their own. */
  x: Axis;
  /** From top to bottom. */
  panels: readonly Panel[];
}

export interface Panel {
  /** Of the space between its axes, pixels. */
  height: number;
  /** Is written above it. */
  title?: Text;
  /** Its own axis, where it does not share the figure's; the first panel always does. */
  x?: Axis;
  /** Null for a strip without an axis, from 0 to 1. */
  y: Axis | null;
  /** The last one is drawn on top. */
  marks: readonly Mark[];
}

export interface Axis {
  /** `day` and `minute` are times, which differ in how they are written. */
  kind: "day" | "minute" | "number" | "log";
  label?: Text;
  /** From low to high; without it, the axis is as long as its marks need. Interactive figures can leave a time axis's. */
  domain?: readonly [Place, Place];
  /** Where a number axis is labelled; without it, at round values. */
  ticks?: readonly number[];
  /** The texts of a number axis at 0, 1, 2 …; a y axis has the first one on top. */
  names?: readonly Text[];
  /** How values are written; without it, as plain numbers. */
  format?: "price" | "compact" | "percent" | "year";
  /** Whether the axis begins at 0. */
  zero?: true;
}

export type Mark =
  | LineMark
  | PointsMark
  | BandMark
  | BarsMark
  | RowBarsMark
  | CandlesMark
  | CellsMark
  | RulesMark;

interface NamedMark {
  label: Text;
  colour: string;
  /** The legend leaves it out. */
  unlisted?: true;
}

export interface Point {
  x: Place;
  /** Null interrupts a line. */
  y: Place | null;
}

export interface LineMark extends NamedMark {
  kind: "line";
  points: readonly Point[];
  /** Pixels; 1.5 by default. */
  width?: number;
  dash?: "dash" | "dot";
  /** A value holds until the next point (`after`), or from halfway before to halfway after its point (`middle`). */
  step?: "after" | "middle";
  /** The radius of a dot at each point, pixels. */
  dots?: number;
  /** The opacity of the area between the line and 0. */
  fill?: number;
}

export interface PointsMark extends NamedMark {
  kind: "points";
  points: readonly Point[];
  /** Pixels. */
  radius: number;
}

/** The area between two lines; null interrupts it. */
export interface BandMark extends NamedMark {
  kind: "band";
  points: readonly BandPoint[];
  opacity: number;
}

export interface BandPoint {
  x: Place;
  low: number | null;
  high: number | null;
}

/** Vertical bars, each with its middle at `x`. */
export interface BarsMark extends NamedMark {
  kind: "bars";
  bars: readonly Bar[];
  /** Of each bar, days; by default 0.7 of the smallest distance between two. */
  days?: number;
  opacity?: number;
}

export interface Bar {
  x: Place;
  y: number | null;
  /** 0 by default. */
  from?: number;
  colour?: string;
  /** By default that of the mark. */
  days?: number;
  words?: Text;
}

/** Horizontal bars on the rows of an axis with names. */
export interface RowBarsMark extends NamedMark {
  kind: "rowBars";
  bars: readonly RowBar[];
}

export interface RowBar {
  row: number;
  from: Place;
  to: Place;
  colour?: string;
  words: Text;
  /** Is written to its right. */
  note?: Text;
}

/** Candles of an interval; the interactive form folds many of them to longer ones as the page's view needs. */
export interface CandlesMark {
  kind: "candles";
  label: Text;
  interval: Interval;
  candles: readonly (PlacedCandle & { words: Text })[];
  /** The words of a candle that the page has folded. */
  folded: Partial<Record<Interval, Text>>;
}

/** Coloured cells, one unit wide, on the rows of an axis with names. */
export interface CellsMark {
  kind: "cells";
  cells: readonly Cell[];
  kinds: readonly NamedMark[];
}

export interface Cell {
  column: number;
  row: number;
  /** Index into the mark's `kinds`. */
  kind: number;
  words: Text;
}

/** Lines across the whole panel. */
export interface RulesMark {
  kind: "rules";
  /** The axis on which `at` is. */
  axis: "x" | "y";
  at: readonly Place[];
  colour: string;
  dash?: "dash" | "dot";
  /** Is written at the end of each. */
  note?: Text;
  /** Lists them in the legend. */
  label?: Text;
}

export function isTime({ kind }: Axis): boolean {
  return kind === "day" || kind === "minute";
}

/** A place on a time axis as an instant. */
export function instantOf(place: Place): number {
  return typeof place === "number" ? place : Date.parse(`${place}T00:00:00Z`);
}

/** The values that a mark's panel must show along y; none of a mark on rows. */
export function valuesOf(mark: Mark): number[] {
  switch (mark.kind) {
    case "line":
    case "points":
      return mark.points.flatMap(({ y }) => (typeof y === "number" ? [y] : []));
    case "band":
      return mark.points.flatMap(({ low, high }) => (low === null || high === null ? [] : [low, high]));
    case "bars":
      return mark.bars.flatMap(({ from = 0, y }) => (y === null ? [] : [from, y]));
    case "candles":
      return mark.candles.flatMap(({ low, high }) => [low, high]);
    default:
      return [];
  }
}
