import { en, sameText, type Text } from "../core/text.ts";
import type { Forecast } from "../forecast/forecaster.ts";
import { CLOSE_AXIS, closeLine, overDays } from "./dayLines.ts";
import type { BandMark, Description, LineMark, Mark } from "./description.ts";
import { slug } from "./escape.ts";
import { bandsOf, type Fan, type FanStep, forecastOf, skillWords } from "./fan.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { rowsOfOne, type Span, spanInDays } from "./rows.ts";
import { forecastTitle, rangeText, TEXTS } from "./texts.ts";
import { FAINT, formatPrice, PALETTE } from "./theme.ts";

/** What the figure needs of a past day; `ServedDay` has it. */
export interface DailyClose {
  symbol: string;
  day: string;
  close: number;
}

export interface ForecastChartOptions extends FigureOptions {
  /** Which model's fan is drawn; the first that is not the naive one where nothing is said. */
  model?: string;
  /** How much of the past to show, 120 days where nothing is said. */
  last?: Span;
}

const BLUE = PALETTE.blue;

/**
 * A fan: the closes so far, the forecast with its 50, 80 and 95 % intervals, and the naive forecast with its 80 %
 * interval beside it.
 * @param history past closes, in any order; other symbols' are left out
 * @param fan one symbol's forecasts and scores, as the forecast stage returns them
 * @throws CandlebookError `nothing_to_draw`, `no_such_model`, `bad_span`
 */
export function forecastChart(
  history: readonly DailyClose[],
  fan: Fan,
  { source, model: named, last = 120 }: ForecastChartOptions,
): Figure {
  const forecast = forecastOf(fan, named);
  const { model, steps } = forecast;
  const closes = seenDays(history, forecast, last);
  return makeFigure({
    id: `${slug(fan.symbol)}-forecast-${slug(model)}`,
    title: forecastTitle(fan.symbol, steps.length, model),
    ...fanTexts(fan, forecast, closes),
    source,
    ...overDays(CLOSE_AXIS, [...fanMarks(fan, forecast), closeLine(closes)]),
  });
}

/** The last of the days that a forecast has seen. */
export function seenDays<Row extends DailyClose>(
  history: readonly Row[],
  { symbol, cutoff }: Forecast,
  last: Span,
): Row[] {
  const past = rowsOfOne(history, symbol).rows.sort((a, b) => (a.day < b.day ? -1 : 1));
  return past.filter(({ day }) => day <= cutoff).slice(-spanInDays(last));
}

/** The bands and the point forecast of a model, and the naive's beside them, from the cutoff on. */
export function fanMarks(fan: Fan, forecast: Forecast): Mark[] {
  const { model, cutoff } = forecast;
  const steps = bandsOf(forecast);
  const naive = model === "naive" ? [] : fan.forecasts.filter((one) => one.model === "naive");
  return [
    band(steps, 95, { colour: PALETTE.sky, opacity: 0.16 }),
    band(steps, 80, { colour: BLUE, opacity: 0.3 }),
    band(steps, 50, { colour: BLUE, opacity: 0.5 }),
    { kind: "rules", axis: "x", at: [cutoff], colour: FAINT, dash: "dot" },
    line(steps, "yhat", { label: TEXTS.pointForecast, colour: BLUE, width: 2.4 }),
    ...naive.flatMap((one) => naiveLines(bandsOf(one))),
  ];
}

/** What the figures of a fan say: whose forecast, from which days, and how good it was. */
export function fanTexts(
  fan: Fan,
  forecast: Forecast,
  seen: readonly DailyClose[],
): Pick<Description, "subtitle" | "alt"> {
  const { model, cutoff } = forecast;
  const verdict = skillWords(fan, model);
  const [end] = bandsOf(forecast).slice(-1);
  const lastClose = seen[seen.length - 1]?.close ?? end.yhat;
  return {
    subtitle: en`${model}, from days up to ${cutoff} (UTC); ${verdict}`
      .vi`${model}, từ các ngày đến ${cutoff} (UTC); ${verdict}`,
    alt: altOf(end, { cutoff, lastClose, verdict }),
  };
}

function altOf(
  { ds, yhat, lo80, hi80, lo95, hi95 }: FanStep,
  { cutoff, lastClose, verdict }: { cutoff: string; lastClose: number; verdict: Text },
): Text {
  const [last, end] = [lastClose, yhat].map(formatPrice);
  const narrow = rangeText(formatPrice(lo80), formatPrice(hi80));
  const wide = rangeText(formatPrice(lo95), formatPrice(hi95));
  return en`Last close ${last} on ${cutoff}. Point forecast for ${ds}: ${end}, 80 % interval ${narrow}, 95 % interval ${wide}; ${verdict}.`
    .vi`Giá đóng cuối ${last} vào ${cutoff}. Dự báo điểm cho ${ds}: ${end}, khoảng 80 % ${narrow}, khoảng 95 % ${wide}; ${verdict}.`;
}

type Bound = "yhat" | "lo50" | "hi50" | "lo80" | "hi80" | "lo95" | "hi95";

function line(rows: readonly FanStep[], bound: Bound, style: Omit<LineMark, "kind" | "points">): LineMark {
  return { kind: "line", points: rows.map((row) => ({ x: row.ds, y: row[bound] })), ...style };
}

function band(
  rows: readonly FanStep[],
  level: 50 | 80 | 95,
  style: { colour: string; opacity: number },
): BandMark {
  const points = rows.map((row) => ({ x: row.ds, low: row[`lo${level}`], high: row[`hi${level}`] }));
  return { kind: "band", label: sameText(`${level} %`), points, ...style };
}

function naiveLines(naive: readonly FanStep[]): LineMark[] {
  const middle = { label: sameText("naive"), colour: PALETTE.vermillion, width: 1.6, dash: "dash" } as const;
  const edge = { ...middle, label: sameText("naive 80 %"), width: 1, dash: "dot" } as const;
  return [
    line(naive, "yhat", middle),
    line(naive, "lo80", edge),
    line(naive, "hi80", { ...edge, unlisted: true }),
  ];
}
