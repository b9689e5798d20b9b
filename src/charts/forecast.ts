import type { Source } from "../candle/candle.ts";
import { en, sameText, type Text } from "../core/text.ts";
import type { BandMark, LineMark } from "./description.ts";
import { slug } from "./escape.ts";
import { bandsOf, type Fan, type FanStep, forecastOf, skillWords } from "./fan.ts";
import type { Figure } from "./figure.ts";
import { CLOSE_AXIS, closeLine, overDays } from "./lines.ts";
import { makeFigure } from "./make.ts";
import { rowsOfOne, type Span, spanInDays } from "./rows.ts";
import { forecastTitle, rangeText } from "./texts.ts";
import { FAINT, formatPrice, PALETTE } from "./theme.ts";

/** What the figure needs of a past day; `ServedDay` has it. */
export interface DailyClose {
  symbol: string;
  day: string;
  close: number;
}

export interface ForecastOptions {
  source: Source;
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
  { source, model: named, last = 120 }: ForecastOptions,
): Figure {
  const { symbol } = fan;
  const forecast = forecastOf(fan, named);
  const { model, cutoff } = forecast;
  const steps = bandsOf(forecast);
  const naive =
    model === "naive" ? [] : fan.forecasts.filter((one) => one.model === "naive").flatMap(bandsOf);
  const past = rowsOfOne(history, symbol).rows.sort((a, b) => (a.day < b.day ? -1 : 1));
  const closes = past.filter(({ day }) => day <= cutoff).slice(-spanInDays(last));
  const end = steps[steps.length - 1];
  const verdict = skillWords(fan, model);
  const title = forecastTitle(symbol, steps.length, model);
  const subtitle = en`made from days up to ${cutoff} (UTC); ${verdict}`
    .vi`làm từ các ngày đến ${cutoff} (UTC); ${verdict}`;
  const lastClose = closes[closes.length - 1]?.close ?? steps[0].yhat;
  const alt = altOf(end, { cutoff, lastClose, verdict });
  return makeFigure({
    id: `${slug(symbol)}-forecast-${slug(model)}`,
    title,
    subtitle,
    alt,
    source,
    ...overDays(CLOSE_AXIS, [
      band(steps, 95, { colour: PALETTE.sky, opacity: 0.27 }),
      band(steps, 80, { colour: BLUE, opacity: 0.25 }),
      band(steps, 50, { colour: BLUE, opacity: 0.3 }),
      { kind: "rules", axis: "x", at: [cutoff], colour: FAINT, dash: "dot" },
      closeLine(closes),
      line(steps, "yhat", { label: sameText(model), colour: BLUE, width: 2.4 }),
      ...(naive.length === 0 ? [] : naiveLines(naive)),
    ]),
  });
}

function altOf(
  { ds, yhat, lo80, hi80, lo95, hi95 }: FanStep,
  { cutoff, lastClose, verdict }: { cutoff: string; lastClose: number; verdict: Text },
): Text {
  const [last, end] = [lastClose, yhat].map(formatPrice);
  const narrow = rangeText(formatPrice(lo80), formatPrice(hi80));
  const wide = rangeText(formatPrice(lo95), formatPrice(hi95));
  return en`Last close ${last} on ${cutoff}. Forecast for ${ds}: ${end}, 80 % interval ${narrow}, 95 % interval ${wide}; ${verdict}.`
    .vi`Giá đóng cuối ${last} vào ${cutoff}. Dự báo cho ${ds}: ${end}, khoảng 80 % ${narrow}, khoảng 95 % ${wide}; ${verdict}.`;
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
