import type { DailyCandle } from "../candle/candle.ts";
import { en } from "../core/text.ts";
import { dailyMark } from "./candles.ts";
import { overDays } from "./dayLines.ts";
import { slug } from "./escape.ts";
import { type Fan, forecastOf } from "./fan.ts";
import type { Figure } from "./figure.ts";
import { type ForecastChartOptions, fanMarks, fanTexts, seenDays } from "./forecast.ts";
import { makeFigure } from "./make.ts";
import { priceAxis, unitsOf } from "./units.ts";

/** Of the panel, pixels: the report's first screen has room for no more. */
const HEIGHT = 230;

/**
 * The last daily candles, and the fan that begins where they end, in one low figure.
 * @param days rows of a daily table, in any order; other symbols' are left out
 * @param fan one symbol's forecasts and scores, as the forecast stage returns them
 * @throws CandlebookError `nothing_to_draw`, `no_such_model`, `bad_span`
 */
export function outlookChart(
  days: readonly DailyCandle[],
  fan: Fan,
  { source, model, last = 60 }: ForecastChartOptions,
): Figure {
  const { symbol } = fan;
  const forecast = forecastOf(fan, model);
  const seen = seenDays(days, forecast, last);
  const ahead = forecast.steps.length;
  const y = { kind: "number", label: priceAxis(unitsOf(symbol).quote), format: "price" } as const;
  return makeFigure({
    id: `${slug(symbol)}-outlook`,
    title: en`${symbol}: ${seen.length} daily candles, and the next ${ahead} days`
      .vi`${symbol}: ${seen.length} nến ngày, và ${ahead} ngày tới`,
    ...fanTexts(fan, forecast, seen),
    source,
    ...overDays(y, [...fanMarks(fan, forecast), dailyMark(seen)], HEIGHT),
  });
}
