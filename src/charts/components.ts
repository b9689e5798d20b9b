import { en, joined, sameText, type Text } from "../core/text.ts";
import type { ProphetComponents } from "../forecast/prophet/prophetComponents.ts";
import type { Panel } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure, FigureOptions } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { rangeText, TEXTS } from "./texts.ts";
import { FAINT, formatNumber, formatPrice, PALETTE } from "./theme.ts";

const WEEKDAYS: readonly Text[] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map((en, i) => ({
  en,
  vi: i === 6 ? "CN" : `T${i + 2}`,
}));

/**
 * Prophet taken apart: the trend with its changepoints over the closes, the effect of the weekday and of the day in
 * the year.
 */
export function componentsChart(parts: ProphetComponents, { source }: FigureOptions): Figure {
  const { symbol, cutoff, changepoints } = parts;
  const title = en`${symbol}: Prophet taken apart`.vi`${symbol}: phân rã Prophet`;
  const subtitle = en`fitted to days up to ${cutoff} (UTC); the trend changed its slope at ${changepoints.length} of its changepoints`
    .vi`khớp với các ngày đến ${cutoff} (UTC); xu hướng đổi độ dốc tại ${changepoints.length} điểm gãy của nó`;
  const [trend, effects, bends] = [
    formatPrice(trendAtCutoff(parts)),
    effectWords(parts),
    changepoints.join(", "),
  ];
  const alt = en`Trend at the cutoff ${trend}. ${effects} Changepoints: ${bends || "none"}.`
    .vi`Xu hướng tại mốc dự báo ${trend}. ${effects} Các điểm gãy: ${bends || "không có"}.`;
  return makeFigure({
    id: `${slug(symbol)}-components`,
    title,
    subtitle,
    alt,
    source,
    x: { kind: "day" },
    panels: [trendPanel(parts), ...effectsOf(parts).map(effectPanel)],
  });
}

interface Effect {
  title: Text;
  unit: Text;
  /** Of the places; without them they are counted from 1. */
  names?: readonly Text[];
  y: number[];
}

function effectsOf({ weekly, yearly, multiplicative }: ProphetComponents): Effect[] {
  const values = (effect: Float64Array) => Array.from(effect, (v) => (multiplicative ? 100 * v : v));
  const unit = multiplicative
    ? { en: "% of the trend", vi: "% của xu hướng" }
    : { en: "quote currency", vi: "tiền định giá" };
  return [
    ...(weekly
      ? [{ title: { en: "weekday", vi: "thứ trong tuần" }, unit, names: WEEKDAYS, y: values(weekly) }]
      : []),
    ...(yearly ? [{ title: { en: "day of the year", vi: "ngày trong năm" }, unit, y: values(yearly) }] : []),
  ];
}

function effectWords(parts: ProphetComponents): Text {
  const sentences = effectsOf(parts).map(({ title, unit, y }) => {
    const range = rangeText(formatNumber(Math.min(...y), 2), formatNumber(Math.max(...y), 2));
    return en`By ${title}, ${unit}: ${range}.`.vi`Theo ${title}, ${unit}: ${range}.`;
  });
  return joined(sentences, " ");
}

function trendAtCutoff({ days, cutoff, trend }: ProphetComponents): number {
  return trend[days.indexOf(cutoff)];
}

function trendPanel({ days, close, trend, trendLower, trendUpper, changepoints }: ProphetComponents): Panel {
  const points = (values: Float64Array) => Array.from(values, (y, i) => ({ x: days[i], y }));
  return {
    height: 240,
    y: {
      kind: "number",
      label: { en: "trend, quote currency", vi: "xu hướng, tiền định giá" },
      format: "price",
    },
    marks: [
      { kind: "line", label: TEXTS.close, colour: PALETTE.grey, width: 1, points: points(close) },
      {
        kind: "band",
        label: sameText("80 %"),
        colour: PALETTE.blue,
        opacity: 0.3,
        points: days.map((x, i) => ({ x, low: trendLower[i], high: trendUpper[i] })),
      },
      { kind: "line", label: TEXTS.trend, colour: PALETTE.blue, width: 2, points: points(trend) },
      {
        kind: "rules",
        label: TEXTS.changepoint,
        axis: "x",
        at: changepoints,
        colour: PALETTE.vermillion,
        dash: "dash",
      },
    ],
  };
}

function effectPanel({ title, unit, names, y }: Effect): Panel {
  return {
    height: 120,
    title,
    x: { kind: "number", ...(names ? { names, domain: [-0.5, names.length - 0.5] } : {}) },
    y: { kind: "number", label: unit },
    marks: [
      { kind: "rules", axis: "y", at: [0], colour: FAINT },
      {
        kind: "line",
        label: title,
        colour: PALETTE.blue,
        unlisted: true,
        points: y.map((value, i) => ({ x: names ? i : i + 1, y: value })),
      },
    ],
  };
}
