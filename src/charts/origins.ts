import type { Origin } from "../candle/candle.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, type Text } from "../core/text.ts";
import { DAY_MS } from "../time/epoch.ts";
import type { Panel } from "./description.ts";
import { TEXTS } from "./texts.ts";
import { ORIGIN_COLOURS } from "./theme.ts";

/** Of how many minutes a day was made; null: it is the exchange's own candle. */
export function minutesText(minutes: number | null): Text {
  return minutes === null ? TEXTS.dailyCandle : en`${minutes} minutes`.vi`${minutes} phút`;
}

function nameOf(origin: Origin): Text {
  return en`origin: ${ORIGIN_TEXTS[origin]}`.vi`nguồn gốc: ${ORIGIN_TEXTS[origin]}`;
}

/** What has an origin: a day, or any other candle. */
export interface OriginSpan {
  origin: Origin;
  /** Its begin and its end, epoch milliseconds. */
  from: number;
  to: number;
}

/** Neighbours of one origin. */
interface OriginRun extends OriginSpan {
  /** The begin of the last one. */
  last: number;
}

/** A candle belongs to the run before it where it follows it directly and has the same origin. */
function originRuns(spans: readonly OriginSpan[]): OriginRun[] {
  const runs: OriginRun[] = [];
  for (const { origin, from, to } of spans) {
    const run = runs[runs.length - 1];
    if (run?.origin === origin && run.to === from) Object.assign(run, { to, last: from });
    else runs.push({ origin, from, to, last: from });
  }
  return runs;
}

/**
 * A strip of bars, one mark for each origin, so that the legend names them. A candle is drawn about its begin, so a run is
 * drawn about the middle of its first and its last one.
 * @param spans by time
 */
export function originStrip(spans: readonly OriginSpan[]): Panel {
  const runs = originRuns(spans);
  const there = (Object.keys(ORIGIN_COLOURS) as Origin[]).filter((origin) =>
    runs.some((run) => run.origin === origin),
  );
  return {
    height: 12,
    y: null,
    marks: there.map((origin) => ({
      kind: "bars",
      label: nameOf(origin),
      colour: ORIGIN_COLOURS[origin],
      bars: runs
        .filter((run) => run.origin === origin)
        .map(({ from, to, last }) => ({ x: (from + last) / 2, y: 1, days: (to - from) / DAY_MS })),
    })),
  };
}
