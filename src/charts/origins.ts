import type { Origin } from "../candle/candle.ts";
import { ORIGIN_TEXTS } from "../core/originTexts.ts";
import { en, type Text } from "../core/text.ts";
import { addDays, type Day, startOfDay } from "../time/day.ts";
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

/** Neighbouring days of one origin. */
interface OriginRun {
  origin: Origin;
  from: Day;
  days: number;
}

/** A day belongs to the run before it where it follows it directly and has the same origin. */
function originRuns(rows: readonly { day: Day; origin: Origin }[]): OriginRun[] {
  const runs: OriginRun[] = [];
  for (const { day, origin } of rows) {
    const last = runs[runs.length - 1];
    if (last?.origin === origin && addDays(last.from, last.days) === day) last.days += 1;
    else runs.push({ origin, from: day, days: 1 });
  }
  return runs;
}

/** A strip of bars, one mark for each origin, so that the legend names them. */
export function originStrip(rows: readonly { day: Day; origin: Origin }[]): Panel {
  const runs = originRuns(rows);
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
        .map(({ from, days }) => ({ x: startOfDay(from) + ((days - 1) * DAY_MS) / 2, y: 1, days })),
    })),
  };
}
