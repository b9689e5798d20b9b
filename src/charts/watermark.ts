import type { Source } from "../candle/candle.ts";
import { inputError } from "../core/errors.ts";
import { en, joined, sameText } from "../core/text.ts";
import { DAY_MS } from "../time/epoch.ts";
import type { Mark } from "./description.ts";
import { slug } from "./escape.ts";
import type { Figure } from "./figure.ts";
import { makeFigure } from "./make.ts";
import { stamp } from "./texts.ts";
import { FAINT, PALETTE } from "./theme.ts";

/** A message on its way, with the watermark after it; instants in milliseconds since 1970 UTC. */
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
    arrivals.length,
    arrivals.filter(({ late }) => late).length,
  ];
  const subtitle = en`an event is late when the watermark has passed the end of its day: ${missed} here`
    .vi`sự kiện là muộn khi watermark đã qua cuối ngày của nó: ở đây có ${missed}`;
  const alt = en`Event time of ${all} messages against their arrival. ${words}. ${missed} arrived after their day had closed.`
    .vi`Thời gian sự kiện của ${all} tin nhắn theo lúc đến. ${words}. ${missed} tin đến sau khi ngày của chúng đã đóng.`;
  return makeFigure({
    id: `${slug(symbol)}-watermark`,
    title,
    subtitle,
    alt,
    source,
    x: { kind: "minute", label: { en: "arrival (UTC)", vi: "lúc đến (UTC)" } },
    panels: [
      {
        height: 320,
        y: { kind: "minute", label: { en: "event time (UTC)", vi: "thời gian sự kiện (UTC)" } },
        marks: marksOf(arrivals, closings),
      },
    ],
  });
}

function marksOf(arrivals: readonly ArrivalPoint[], closings: readonly Closing[]): Mark[] {
  const events = (late: boolean) =>
    arrivals.flatMap((one) => (one.late === late ? { x: one.arrived, y: one.eventTime } : []));
  const lateEvents = events(true);
  return [
    {
      ...{ kind: "rules", axis: "y", colour: FAINT, dash: "dot" },
      label: { en: "ends of days", vi: "cuối mỗi ngày" },
      at: closings.map(({ end }) => end),
    },
    { kind: "points", label: EVENTS, colour: PALETTE.blue, radius: 1.8, points: events(false) },
    {
      ...{ kind: "line", label: sameText("watermark"), colour: PALETTE.orange, width: 2, step: "after" },
      points: arrivals.map(({ arrived, watermark }) => ({ x: arrived, y: watermark })),
    },
    {
      ...{ kind: "points", label: LATE_EVENTS, colour: PALETTE.vermillion, radius: 3, points: lateEvents },
      ...(lateEvents.length === 0 ? { unlisted: true } : {}),
    },
  ];
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
