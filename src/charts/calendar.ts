import * as Plot from "@observablehq/plot";
import type { Source } from "../candle/candle.ts";
import { sameText, type Text, textOf } from "../core/text.ts";
import { escapePlotly } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { baseLayout } from "./plotly.ts";
import { type Panel, svgDocument } from "./static.ts";
import { GRID } from "./theme.ts";

/** A kind of day, and its colour. */
export interface CalendarClass {
  label: Text;
  colour: string;
}

export interface CalendarDay {
  day: string;
  /** Index into the classes. */
  kind: number;
  /** What stands behind the day when it is pointed at. */
  words: Text;
}

export interface CalendarParts {
  id: string;
  title: Text;
  subtitle: Text;
  alt: Text;
  source: Source;
  classes: readonly CalendarClass[];
  /** In the order of days. */
  days: readonly CalendarDay[];
}

interface Cell extends CalendarDay {
  month: string;
  dayOfMonth: number;
}

interface CountedClass extends CalendarClass {
  count: number;
}

/** A calendar of coloured days: a row for each month, a cell for each day; the legend counts the kinds that are there. */
export function calendarFigure({ days, classes, ...parts }: CalendarParts): Figure {
  const { title, subtitle, source } = parts;
  const cells = days.map((day) => ({
    ...day,
    month: day.day.slice(0, 7),
    dayOfMonth: Number(day.day.slice(8)),
  }));
  const months = [...new Set(cells.map((cell) => cell.month))];
  const there = countClasses(classes, days).filter(({ count }) => count > 0);
  return makeFigure({
    ...parts,
    interactive: {
      data: [heatmap(cells, months, classes), ...there.map(legendEntry)],
      layout: {
        ...baseLayout({
          title,
          subtitle,
          source,
          height: Math.max(240, 190 + months.length * rowHeight(months)),
        }),
        ...axes(months),
      },
    },
    svg: () =>
      svgDocument({
        ...parts,
        panels: [calendarPanel(cells, months, classes)],
        legend: there.map(({ label, colour, count }) => ({
          label: counted(label, count),
          colour,
          form: "square",
        })),
      }),
  });
}

/** How many days there are of each kind. */
export function countClasses(
  classes: readonly CalendarClass[],
  days: readonly { kind: number }[],
): CountedClass[] {
  return classes.map(({ label, colour }, kind) => ({
    label,
    colour,
    count: days.filter((day) => day.kind === kind).length,
  }));
}

const NO_DAY = sameText("");

function heatmap(
  cells: readonly Cell[],
  months: readonly string[],
  classes: readonly CalendarClass[],
): PlotlyPart {
  const z = months.map(() => Array<number | null>(31).fill(null));
  const text = months.map(() => Array<Text>(31).fill(NO_DAY));
  const rows = new Map(months.map((month, row) => [month, row]));
  for (const { month, dayOfMonth, kind, day, words } of cells) {
    const row = rows.get(month) as number;
    z[row][dayOfMonth - 1] = kind;
    text[row][dayOfMonth - 1] = escapePlotly(textOf((language) => `${day}: ${words[language]}`));
  }
  return {
    type: "heatmap",
    x: Array.from({ length: 31 }, (_, i) => i + 1),
    y: months,
    z,
    text,
    zmin: -0.5,
    zmax: classes.length - 0.5,
    colorscale: classes.flatMap(({ colour }, i) => [
      [i / classes.length, colour],
      [(i + 1) / classes.length, colour],
    ]),
    showscale: false,
    xgap: 2,
    ygap: 2,
    hoverongaps: false,
    hovertemplate: "%{text}<extra></extra>",
  };
}

function legendEntry({ label, colour, count }: CountedClass): PlotlyPart {
  return {
    type: "scatter",
    mode: "markers",
    name: counted(label, count),
    x: [null],
    y: [null],
    marker: { symbol: "square", size: 12, color: colour },
  };
}

/** A text with how often it is there. */
function counted(text: Text, count: number): Text {
  return textOf((language) => `${text[language]} (${count})`);
}

const DAY_OF_MONTH = { en: "day of the month (UTC)", vi: "ngày trong tháng (UTC)" };

function axes(months: readonly string[]): PlotlyPart {
  return {
    hovermode: "closest",
    xaxis: {
      title: { text: DAY_OF_MONTH },
      range: [0.5, 31.5],
      dtick: 2,
      tick0: 1,
      showgrid: false,
      zeroline: false,
    },
    yaxis: {
      type: "category",
      categoryarray: months,
      categoryorder: "array",
      autorange: "reversed",
      showgrid: false,
    },
  };
}

function calendarPanel(
  cells: readonly Cell[],
  months: readonly string[],
  classes: readonly CalendarClass[],
): Panel {
  const gap = months.length > 40 ? 0.5 : 1;
  return {
    height: 60 + months.length * rowHeight(months),
    marginTop: 8,
    marginBottom: 40,
    x: {
      type: "band",
      domain: Array.from({ length: 31 }, (_, i) => i + 1),
      label: DAY_OF_MONTH,
      padding: 0,
      tickSize: 0,
    },
    y: {
      type: "band",
      domain: [...months],
      label: null,
      padding: 0,
      tickSize: 0,
      tickFormat: (month: string, i: number) =>
        months.length <= 40 || i === 0 || month.endsWith("-01") ? month : "",
    },
    marks: [
      Plot.frame({ stroke: GRID }),
      Plot.cell(cells, {
        x: "dayOfMonth",
        y: "month",
        fill: (cell: Cell) => classes[cell.kind].colour,
        inset: gap,
      }),
    ],
  };
}

function rowHeight(months: readonly string[]): number {
  return months.length > 40 ? 9 : 24;
}
