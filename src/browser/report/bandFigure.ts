import type { Figure, PlotlyPart } from "../../charts/figure.ts";
import { baseLayout, timeAxis, valueAxis } from "../../charts/plotly.ts";
import { bandText, forecastTitle, rangeText, TEXTS } from "../../charts/texts.ts";
import { formatPrice, INK, PALETTE } from "../../charts/theme.ts";
import { en, joined } from "../../core/text.ts";
import type { DailyTable } from "../../report/dailyTable.ts";
import { addDays } from "../../time/day.ts";
import type { BandDay, Choice } from "./bandForecast.ts";

/** Past days that are drawn before the forecast. */
const PAST = 120;

const LINE = { type: "scatter", mode: "lines", hovertemplate: "%{y:,.6~g}" };

export type BandFigure = Pick<Figure, "title" | "alt" | "interactive">;

/** The figure of a computed forecast: the past closes, the forecast and its band. */
export function bandFigure(
  table: DailyTable,
  { model, horizon, level }: Choice,
  days: readonly BandDay[],
  source: Figure["source"],
): BandFigure {
  const title = forecastTitle(table.symbol, horizon, model);
  const cutoff = addDays(table.firstDay, table.columns.close.length - 1);
  const end = days[days.length - 1];
  const [price, band] = [formatPrice(end.forecast), bandText(level)];
  const range = rangeText(formatPrice(end.low), formatPrice(end.high));
  return {
    title,
    alt: en`Forecast for ${end.day}: ${price}, ${band} ${range}.`
      .vi`Dự báo cho ${end.day}: ${price}, ${band} từ ${range}.`,
    interactive: {
      data: [pastTrace(table), ...forecastTraces(days, level)],
      layout: {
        ...baseLayout({
          title,
          subtitle: en`computed in this page from days up to ${cutoff} (UTC)`
            .vi`tính ngay trong trang này từ các ngày đến ${cutoff} (UTC)`,
          source,
          height: 420,
        }),
        xaxis: timeAxis(),
        yaxis: valueAxis(TEXTS.closeAxis),
      },
    },
  };
}

function pastTrace({ firstDay, columns: { close } }: DailyTable): PlotlyPart {
  const from = Math.max(0, close.length - PAST);
  return {
    ...LINE,
    name: TEXTS.close,
    x: close.slice(from).map((_, i) => addDays(firstDay, from + i)),
    y: close.slice(from),
    line: { color: INK, width: 1.5 },
  };
}

/** The band's lower edge, its upper edge with the area between both, and the point forecast. */
function forecastTraces(days: readonly BandDay[], level: number): PlotlyPart[] {
  const x = days.map(({ day }) => day);
  const band = bandText(level);
  const edge = { ...LINE, x, line: { color: PALETTE.blue, width: 1 } };
  return [
    { ...edge, name: joined([band, TEXTS.lower], ", "), y: days.map(({ low }) => low), showlegend: false },
    {
      ...edge,
      name: band,
      y: days.map(({ high }) => high),
      fill: "tonexty",
      fillcolor: "rgba(0,114,178,0.25)",
    },
    {
      ...LINE,
      name: TEXTS.forecast,
      x,
      y: days.map(({ forecast }) => forecast),
      line: { color: PALETTE.vermillion, width: 2 },
    },
  ];
}
