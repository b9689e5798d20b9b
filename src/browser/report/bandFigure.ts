import { CLOSE_AXIS, closeLine, overDays } from "../../charts/dayLines.ts";
import type { Figure } from "../../charts/figure.ts";
import { plotlySpec } from "../../charts/plotly.ts";
import { bandText, forecastTitle, rangeText, TEXTS } from "../../charts/texts.ts";
import { formatPrice, PALETTE } from "../../charts/theme.ts";
import { en } from "../../core/text.ts";
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
  const title = forecastTitle(table.symbol, horizon, model);
  const cutoff = addDays(table.firstDay, table.columns.close.length - 1);
  const end = days[days.length - 1];
  const [price, band] = [formatPrice(end.forecast), bandText(level)];
  const range = rangeText(formatPrice(end.low), formatPrice(end.high));
  const alt = en`Forecast for ${end.day}: ${price}, ${band} ${range}.`
    .vi`Dự báo cho ${end.day}: ${price}, ${band} từ ${range}.`;
  const interactive = plotlySpec({
    id: "computed",
    title,
    subtitle: en`computed in this page from days up to ${cutoff} (UTC)`
      .vi`tính ngay trong trang này từ các ngày đến ${cutoff} (UTC)`,
    alt,
    source,
    ...overDays(CLOSE_AXIS, [
      closeLine(pastOf(table)),
      {
        ...{ kind: "band", label: band, colour: PALETTE.blue, opacity: 0.25 },
        points: days.map(({ day, low, high }) => ({ x: day, low, high })),
      },
      {
        ...{ kind: "line", label: TEXTS.forecast, colour: PALETTE.vermillion, width: 2 },
        points: days.map(({ day, forecast }) => ({ x: day, y: forecast })),
      },
    ]),
  });
  return { title, alt, interactive };
}

function pastOf({ firstDay, columns: { close } }: DailyTable): { day: string; close: number | null }[] {
  const from = Math.max(0, close.length - PAST);
  return close.slice(from).map((value, i) => ({ day: addDays(firstDay, from + i), close: value }));
}
