import * as Plot from "@observablehq/plot";
import type { Origin } from "../candle/candle.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, type Text } from "../core/text.ts";
import type { PlotlyPart } from "./figure.ts";
import { type LegendItem, type Panel, utc } from "./static.ts";
import { TEXTS } from "./texts.ts";
import { ORIGIN_COLOURS } from "./theme.ts";

const DAY_MS = 86_400_000;

/** Of how many minutes a day was made; null: it is the exchange's own candle. */
export function minutesText(minutes: number | null): Text {
  return minutes === null ? TEXTS.dailyCandle : en`${minutes} minutes`.vi`${minutes} phút`;
}

function nameOf(origin: Origin): Text {
  return en`origin: ${ORIGIN_TEXTS[origin]}`.vi`nguồn gốc: ${ORIGIN_TEXTS[origin]}`;
}

/** Neighbouring days of one origin. */
export interface OriginRun {
  origin: Origin;
  from: string;
  days: number;
}

/** A day belongs to the run before it where it follows it directly and has the same origin. */
export function originRuns(rows: readonly { day: string; origin: Origin }[]): OriginRun[] {
  const runs: OriginRun[] = [];
  for (const { day, origin } of rows) {
    const last = runs[runs.length - 1];
    const next = last && +utc(last.from) + last.days * DAY_MS === +utc(day);
    if (last && next && last.origin === origin) last.days += 1;
    else runs.push({ origin, from: day, days: 1 });
  }
  return runs;
}

/** Plotly: a strip of bars on `y3`, one trace by origin, so that the legend names them. */
export function originTraces(rows: readonly { day: string; origin: Origin }[]): PlotlyPart[] {
  const runs = originRuns(rows);
  return originsOf(runs).map((origin) => {
    const mine = runs.filter((run) => run.origin === origin);
    return {
      type: "bar",
      name: nameOf(origin),
      x: mine.map((run) =>
        new Date(+utc(run.from) + ((run.days - 1) * DAY_MS) / 2).toISOString().slice(0, 19),
      ),
      y: mine.map(() => 1),
      width: mine.map((run) => run.days * DAY_MS),
      yaxis: "y3",
      marker: { color: ORIGIN_COLOURS[origin], line: { width: 0 } },
      hoverinfo: "skip",
    };
  });
}

/** Static: the same strip as a panel. */
export function originStrip(runs: readonly OriginRun[], domain: [Date, Date]): Panel {
  return {
    height: 14,
    marginTop: 2,
    marginBottom: 2,
    x: { type: "utc", domain, axis: null },
    y: { axis: null, domain: [0, 1] },
    marks: [
      Plot.rect(runs, {
        x1: (run: OriginRun) => utc(run.from),
        x2: (run: OriginRun) => new Date(+utc(run.from) + run.days * DAY_MS),
        y1: 0,
        y2: 1,
        fill: (run: OriginRun) => ORIGIN_COLOURS[run.origin],
        inset: 0,
      }),
    ],
  };
}

export function originLegend(rows: readonly { day: string; origin: Origin }[]): LegendItem[] {
  return originsOf(rows).map((origin) => ({
    label: nameOf(origin),
    colour: ORIGIN_COLOURS[origin],
    form: "square",
  }));
}

function originsOf(rows: readonly { origin: Origin }[]): Origin[] {
  const there = new Set(rows.map((row) => row.origin));
  return (Object.keys(ORIGIN_COLOURS) as Origin[]).filter((origin) => there.has(origin));
}
