import { inputError } from "../../core/errors.ts";
import { addDays, type Day, dayOf, parseDay } from "../../time/day.ts";
import type { EpochMs } from "../../time/epoch.ts";
import type { FeatureBlock } from "./features.ts";
import { type Holiday, requireOption, requirePriorScale, type Settings } from "./prophetOptions.ts";

/** The UTC days of Bitcoin's halvings so far (blocks 210,000 … 840,000), each with the week around it. */
export const BITCOIN_HALVINGS: readonly Holiday[] = [
  "2012-11-28",
  "2016-07-09",
  "2020-05-11",
  "2024-04-20",
].map((ds) => ({ holiday: "halving", ds, lowerWindow: -7, upperWindow: 7 }));

/**
 * One block per holiday, with one feature per day of its window: 1 on that day, else 0
 * (`make_holiday_features` of Python Prophet). The time of day does not matter.
 * @throws CandlebookError `prophet_option` where a date, window or prior scale can't be used
 */
export function makeHolidays(settings: Settings): FeatureBlock[] {
  const names = [...new Set(settings.holidays.map(({ holiday }) => holiday))];
  return names.map((name) => holidayBlock(name, settings));
}

function holidayBlock(name: string, settings: Settings): FeatureBlock {
  const rows = settings.holidays.filter(({ holiday }) => holiday === name);
  const priorScale = rows[0].priorScale ?? settings.holidaysPriorScale;
  requirePriorScale(priorScale, `${name}.priorScale`);
  const daysByOffset = new Map<number, Set<Day>>();
  for (const row of rows) {
    const { lowerWindow = 0, upperWindow = 0 } = row;
    const whole = Number.isInteger(lowerWindow) && Number.isInteger(upperWindow);
    const window = `${lowerWindow} … ${upperWindow}`;
    const fits = whole && lowerWindow <= 0 && upperWindow >= 0;
    requireOption(
      fits,
      `${name}.lowerWindow … upperWindow`,
      window,
      "whole days from 0 or less to 0 or more",
    );
    const own = row.priorScale ?? settings.holidaysPriorScale;
    requireOption(own === priorScale, `${name}.priorScale`, own, `${priorScale}, as in its other rows`);
    for (let offset = lowerWindow; offset <= upperWindow; offset++) {
      const days = daysByOffset.get(offset) ?? new Set();
      daysByOffset.set(offset, days.add(addDays(requireDay(row.ds, name), offset)));
    }
  }
  const columns = [...daysByOffset.entries()].sort(([a], [b]) => a - b).map(([, days]) => days);
  return {
    name,
    kind: "holiday",
    mode: settings.holidaysMode,
    priorScale,
    width: columns.length,
    fill({ ds }, matrix, stride, at) {
      ds.forEach((ms, i) => {
        const day = dayOf(ms as EpochMs);
        columns.forEach((days, j) => {
          if (days.has(day)) matrix[i * stride + at + j] = 1;
        });
      });
    },
  };
}

function requireDay(text: string, holiday: string): Day {
  const day = parseDay(text);
  if (day !== null) return day;
  throw inputError(
    "prophet_option",
    `The date ${text} of holiday ${holiday} is not a day.`,
    "Write holidays' dates as YYYY-MM-DD.",
  );
}
