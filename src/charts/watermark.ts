import * as Plot from "@observablehq/plot";
import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { en, joined, sameText, type Text } from "../core/text.ts";
import { slug } from "./escape.ts";
import type { Figure, PlotlyPart } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { baseLayout, timeAxis } from "./plotly.ts";
import { clockTick, gridMarks, type Panel, svgDocument, utcAxis } from "./static.ts";
import { FAINT, formatNumber, PALETTE } from "./theme.ts";

/** A message on its way; instants in milliseconds since 1970 UTC. */
export interface ArrivalPoint {
  arrived: number;
  eventTime: number;
  watermark: number;
  late: boolean;
}

export interface WatermarkOptions {
  symbol: string;
  source: Source;
}

const EVENTS = { en: "events", vi: "sự kiện" };
const LATE_EVENTS = { en: "late events", vi: "sự kiện muộn" };
const WATERMARK = sameText("watermark");
const ARRIVAL = { en: "arrival (UTC)", vi: "lúc đến (UTC)" };
const EVENT_TIME = { en: "event time (UTC)", vi: "thời gian sự kiện (UTC)" };

const DAY_MS = 86_400_000;

/**
 * When things happened against when they arrived: a dot for each message, the watermark as a line below them, the
 * ends of the days across. A day closes where the watermark crosses its end; what arrives later is late.
 * @param arrivals in the order of arrival
 * @throws CandlebookError `nothing_to_draw`
 */
export function watermarkChart(
  arrivals: readonly ArrivalPoint[],
  { symbol, source }: WatermarkOptions,
): Figure {
  if (arrivals.length === 0) {
    throw inputError("nothing_to_draw", `No messages to draw for ${symbol}.`, "Play some first.");
  }
  const late = arrivals.filter((point) => point.late);
  const inTime = arrivals.filter((point) => !point.late);
  const closings = closingsOf(arrivals);
  const title = en`${symbol}: events, watermark and the ends of the days`
    .vi`${symbol}: sự kiện, watermark và cuối mỗi ngày`;
  const closed = closings.map(
    ({ end, at }) =>
      en`the day before ${stamp(end)} closes at ${stamp(at)}`
        .vi`ngày trước ${stamp(end)} đóng lúc ${stamp(at)}`,
  );
  const [words, all, missed] = [
    joined(closed, "; "),
    formatNumber(arrivals.length),
    formatNumber(late.length),
  ];
  const subtitle = en`an event is late when the watermark has passed the end of its day: ${missed} here`
    .vi`sự kiện là muộn khi watermark đã qua cuối ngày của nó: ở đây có ${missed}`;
  const alt = en`Event time of ${all} messages against their arrival. ${words}. ${missed} came after their day had closed.`
    .vi`Thời gian sự kiện của ${all} tin nhắn theo lúc đến. ${words}. ${missed} tin đến sau khi ngày của chúng đã đóng.`;
  return makeFigure({
    id: `${slug(symbol)}-watermark`,
    title,
    alt,
    source,
    interactive: {
      data: [
        dots(inTime, EVENTS, PALETTE.blue, 4),
        {
          type: "scatter",
          mode: "lines",
          name: WATERMARK,
          x: arrivals.map(({ arrived }) => stamp(arrived)),
          y: arrivals.map(({ watermark }) => stamp(watermark)),
          line: { color: PALETTE.orange, width: 2, shape: "hv" },
          hoverinfo: "skip",
        },
        ...(late.length > 0 ? [dots(late, LATE_EVENTS, PALETTE.vermillion, 7)] : []),
      ],
      layout: {
        ...baseLayout({ title, subtitle, source }),
        hovermode: "closest",
        xaxis: timeAxis({
          title: { text: ARRIVAL, standoff: 22 },
          automargin: true,
          hoverformat: "%d %b %H:%M",
        }),
        yaxis: timeAxis({
          title: { text: EVENT_TIME },
          hoverformat: "%d %b %H:%M",
          automargin: true,
        }),
        shapes: closings.map(({ end }) => ({
          type: "line",
          xref: "paper",
          x0: 0,
          x1: 1,
          y0: stamp(end),
          y1: stamp(end),
          line: { color: FAINT, width: 1, dash: "dot" },
        })),
      },
    },
    svg: () =>
      svgDocument({
        title,
        subtitle,
        alt,
        source,
        panels: [panel(arrivals, inTime, late, closings)],
        legend: [
          { label: EVENTS, colour: PALETTE.blue, form: "square" },
          { label: WATERMARK, colour: PALETTE.orange, form: "line" },
          { label: { en: "ends of days", vi: "cuối mỗi ngày" }, colour: FAINT, form: "dashes" },
          ...(late.length > 0
            ? [{ label: LATE_EVENTS, colour: PALETTE.vermillion, form: "square" as const }]
            : []),
        ],
      }),
  });
}

interface Closing {
  end: number;
  /** When the watermark got there. */
  at: number;
}

function closingsOf(arrivals: readonly ArrivalPoint[]): Closing[] {
  const closings: Closing[] = [];
  let end = Math.floor(arrivals[0].eventTime / DAY_MS) * DAY_MS + DAY_MS;
  for (const { arrived, watermark } of arrivals) {
    for (; watermark >= end; end += DAY_MS) closings.push({ end, at: arrived });
  }
  return closings;
}

function stamp(instant: number): string {
  return new Date(instant).toISOString().slice(0, 16).replace("T", " ");
}

function dots(points: readonly ArrivalPoint[], name: Text, color: string, size: number): PlotlyPart {
  return {
    type: "scatter",
    mode: "markers",
    name,
    x: points.map(({ arrived }) => stamp(arrived)),
    y: points.map(({ eventTime }) => stamp(eventTime)),
    marker: { color, size, opacity: 0.7 },
    hovertemplate: { en: "happened %{y}, arrived %{x}", vi: "xảy ra %{y}, đến %{x}" },
  };
}

function panel(
  arrivals: readonly ArrivalPoint[],
  inTime: readonly ArrivalPoint[],
  late: readonly ArrivalPoint[],
  closings: readonly Closing[],
): Panel {
  const at = (key: "arrived" | "eventTime" | "watermark") => (point: ArrivalPoint) => new Date(point[key]);
  const place = { x: at("arrived"), y: at("eventTime") };
  return {
    height: 380,
    marginTop: 14,
    marginBottom: 40,
    x: { ...utcAxis(ARRIVAL), tickFormat: clockTick },
    y: { ...utcAxis(EVENT_TIME), reverse: false, tickFormat: clockTick },
    marks: [
      ...gridMarks,
      Plot.ruleY(
        closings.map(({ end }) => new Date(end)),
        { stroke: FAINT, strokeDasharray: "2 3" },
      ),
      Plot.dot(inTime, { ...place, r: 1.6, fill: PALETTE.blue, fillOpacity: 0.7 }),
      Plot.lineY(arrivals, {
        x: at("arrived"),
        y: at("watermark"),
        stroke: PALETTE.orange,
        strokeWidth: 2,
        curve: "step-after",
      }),
      Plot.dot(late, { ...place, r: 3, fill: PALETTE.vermillion }),
    ],
  };
}
