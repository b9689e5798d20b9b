import type { Figure, PlotlyPart } from "../../charts/figure.ts";
import { baseLayout, timeAxis, valueAxis } from "../../charts/plotly.ts";
import { formatPrice, INK, PALETTE } from "../../charts/theme.ts";
import type { DailyTable } from "../../report/dailyTable.ts";
import { addDays } from "../../time/day.ts";
import type { BandDay, Choice } from "./bandForecast.ts";

/** Past days that are drawn before the forecast. */
const PAST = 120;

export type BandFigure = Pick<Figure, "title" | "alt" | "interactive">;

/** The figure of a computed forecast: the past closes, the forecast and its band. */
export function bandFigure(
  table: DailyTable,
  { model, horizon, level }: Choice,
  days: readonly BandDay[],
  source: Figure["source"],
): BandFigure {
  const { symbol, firstDay } = table;
  const close = table.columns.close.map((value) => value ?? Number.NaN);
  const shown = close.slice(-PAST);
  const from = close.length - shown.length;
  const cutoff = addDays(firstDay, close.length - 1);
  const end = days[days.length - 1];
  const title = `${symbol}: ${horizon}-day forecast by ${model}`;
  const x = days.map(({ day }) => day);
  const line = (name: string, y: number[], more: PlotlyPart) => ({
    type: "scatter",
    mode: "lines",
    name,
    x,
    y,
    hovertemplate: "%{y:,.6~g}",
    ...more,
  });
  const edge = { color: PALETTE.blue, width: 1 };
  const data = [
    {
      ...line("close", shown, { line: { color: INK, width: 1.5 } }),
      x: shown.map((_, i) => addDays(firstDay, from + i)),
    },
    line(
      `${level} % band, lower`,
      days.map(({ low }) => low),
      { line: edge, showlegend: false },
    ),
    line(
      `${level} % band`,
      days.map(({ high }) => high),
      { line: edge, fill: "tonexty", fillcolor: "rgba(0,114,178,0.25)" },
    ),
    line(
      "forecast",
      days.map(({ forecast }) => forecast),
      { line: { color: PALETTE.vermillion, width: 2 } },
    ),
  ];
  return {
    title,
    alt: `Forecast for ${end.day}: ${formatPrice(end.forecast)}, ${level} % band ${formatPrice(end.low)} to ${formatPrice(end.high)}.`,
    interactive: {
      data,
      layout: {
        ...baseLayout({
          title,
          subtitle: `computed in this page from days up to ${cutoff} (UTC)`,
          source,
          height: 420,
        }),
        xaxis: timeAxis(),
        yaxis: valueAxis("close, quote currency"),
      },
    },
  };
}
