import * as Plot from "@observablehq/plot";
import type { Source } from "../candle/candle.ts";
import { slug } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { baseLayout } from "./plotly.ts";
import { rowsOfOne } from "./rows.ts";
import { svgDocument } from "./static.ts";
import { formatNumber, GRID, PALETTE } from "./theme.ts";

/** What the figure needs of a daily row; `DailyCandle` has it. */
export interface DayMinutes {
  symbol: string;
  day: string;
  /** Of 1,440; null where the row is the exchange's own daily candle. */
  minutes: number | null;
}

export interface CompletenessOptions {
  source: Source;
  /** Needed where the rows hold several. */
  symbol?: string;
}

const FULL = 1440;

// From calm to loud: what is whole should not draw the eye.
const CLASSES = [
  { label: "all 1,440 minutes", colour: "#9ecae1", holds: (minutes: number | null) => minutes === FULL },
  {
    label: "daily candle, minutes unknown",
    colour: "#d9d9d9",
    holds: (minutes: number | null) => minutes === null,
  },
  {
    label: "up to 60 missing",
    colour: PALETTE.yellow,
    holds: (minutes: number | null) => (minutes ?? 0) >= FULL - 60,
  },
  { label: "more missing", colour: PALETTE.orange, holds: (minutes: number | null) => (minutes ?? 0) > 0 },
  { label: "none", colour: PALETTE.vermillion, holds: () => true },
] as const;

interface Cell extends DayMinutes {
  month: string;
  dayOfMonth: number;
  kind: number;
}

/**
 * A calendar of how many of its 1,440 minutes each day has: a row for each month, a cell for each day. Days without
 * a row between the first and the last count as having none.
 * @param days rows of a daily table, in any order
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function completenessChart(days: readonly DayMinutes[], options: CompletenessOptions): Figure {
  const { source } = options;
  const { symbol, rows } = rowsOfOne(days, options.symbol);
  const cells = cellsOf(symbol, rows);
  const counts = CLASSES.map((_, kind) => cells.filter((cell) => cell.kind === kind).length);
  const there = CLASSES.map((one, kind) => ({ ...one, kind, count: counts[kind] })).filter(
    (one) => one.count > 0,
  );
  const missing = cells.reduce((sum, { minutes }) => sum + FULL - (minutes ?? FULL), 0);
  const title = `${symbol}: minutes by day`;
  const subtitle = `${cells.length} days, ${formatNumber(missing)} minutes missing of ${formatNumber(cells.length * FULL)}`;
  const words = there.map(({ label, count }) => `${count} with ${label}`).join(", ");
  const alt = `A calendar from ${cells[0].day} to ${cells[cells.length - 1].day} (UTC): ${subtitle}. Days: ${words}.`;
  const months = [...new Set(cells.map((cell) => cell.month))];
  return makeFigure({
    id: `${slug(symbol)}-completeness`,
    title,
    alt,
    source,
    interactive: {
      data: [heatmap(cells, months), ...there.map(legendEntry)],
      layout: layout(title, subtitle, source, months),
    },
    svg: () =>
      svgDocument({
        title,
        subtitle,
        alt,
        source,
        panels: [calendarPanel(cells, months)],
        legend: there.map(({ label, colour, count }) => ({
          label: `${label} (${count})`,
          colour,
          form: "square",
        })),
      }),
  });
}

function cellsOf(symbol: string, rows: readonly DayMinutes[]): Cell[] {
  const byDay = new Map(rows.map((row) => [row.day, row.minutes]));
  const days = [...byDay.keys()].sort();
  const first = Date.parse(`${days[0]}T00:00:00Z`);
  const count = (Date.parse(`${days[days.length - 1]}T00:00:00Z`) - first) / 86_400_000 + 1;
  return Array.from({ length: count }, (_, i) => {
    const day = new Date(first + i * 86_400_000).toISOString().slice(0, 10);
    const minutes = byDay.has(day) ? (byDay.get(day) ?? null) : 0;
    const kind = CLASSES.findIndex(({ holds }) => holds(minutes));
    return { symbol, day, minutes, month: day.slice(0, 7), dayOfMonth: Number(day.slice(8)), kind };
  });
}

function heatmap(cells: readonly Cell[], months: readonly string[]): PlotlyPart {
  const z = months.map(() => Array<number | null>(31).fill(null));
  const text = months.map(() => Array<string>(31).fill(""));
  for (const { month, dayOfMonth, kind, day, minutes } of cells) {
    const row = months.indexOf(month);
    z[row][dayOfMonth - 1] = kind;
    text[row][dayOfMonth - 1] =
      `${day}: ${minutes === null ? "a daily candle" : `${formatNumber(minutes)} of 1,440 minutes`}`;
  }
  return {
    type: "heatmap",
    x: Array.from({ length: 31 }, (_, i) => i + 1),
    y: months,
    z,
    text,
    zmin: -0.5,
    zmax: CLASSES.length - 0.5,
    colorscale: CLASSES.flatMap(({ colour }, i) => [
      [i / CLASSES.length, colour],
      [(i + 1) / CLASSES.length, colour],
    ]),
    showscale: false,
    xgap: 2,
    ygap: 2,
    hoverongaps: false,
    hovertemplate: "%{text}<extra></extra>",
  };
}

function legendEntry({ label, colour, count }: { label: string; colour: string; count: number }): PlotlyPart {
  return {
    type: "scatter",
    mode: "markers",
    name: `${label} (${count})`,
    x: [null],
    y: [null],
    marker: { symbol: "square", size: 12, color: colour },
  };
}

function layout(title: string, subtitle: string, source: Source, months: readonly string[]): PlotlyPart {
  const height = Math.max(240, 190 + months.length * rowHeight(months));
  return {
    ...baseLayout({ title, subtitle, source, height }),
    hovermode: "closest",
    xaxis: {
      title: { text: "day of the month (UTC)" },
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

function calendarPanel(cells: readonly Cell[], months: readonly string[]): Plot.PlotOptions {
  const gap = months.length > 40 ? 0.5 : 1;
  return {
    height: 60 + months.length * rowHeight(months),
    marginTop: 8,
    marginBottom: 40,
    x: {
      type: "band",
      domain: Array.from({ length: 31 }, (_, i) => i + 1),
      label: "day of the month (UTC)",
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
        fill: (cell: Cell) => CLASSES[cell.kind].colour,
        inset: gap,
      }),
    ],
  };
}

function rowHeight(months: readonly string[]): number {
  return months.length > 40 ? 9 : 24;
}
