import { inputError } from "../core/errors.ts";
import { MINUTE_MS } from "../time/epoch.ts";
import { type Interval, intervalOfMs } from "../time/interval.ts";
import type { Evidence } from "./evidence.ts";
import { statedByFolders } from "./folders.ts";
import type { FileForm } from "./form.ts";
import {
  BY_OPTION,
  type CloseLengths,
  candleLength,
  checkInterval,
  intervalOfCell,
  refuseOtherSymbol,
  refuseWithoutMinutes,
  type StatedInterval,
} from "./interval.ts";
import type { KnownOfText } from "./known.ts";
import { type Layout, type Row, shortened } from "./layout.ts";
import { statedByNames } from "./names.ts";
import { countSteps, type Steps, sumSteps } from "./steps.ts";
import { isDateText, openTimeOf } from "./times.ts";

/** The sample's rows, with the text of each row's time and the open time that it is, milliseconds or null. */
interface TimedRows {
  rows: readonly Row[];
  cells: readonly string[];
  opens: readonly (number | null)[];
  times: FileForm["times"];
}

/** What is stated of a file's interval, and what the sample's close times show. */
export interface FoundInterval {
  statements: StatedInterval[];
  closes: CloseLengths | null;
  /** The column of close times, or null. */
  closePlace: number | null;
  /** The minute where nothing states or shows another. */
  interval: Interval;
}

/**
 * The interval, with what states it and what shows it.
 * @param evidence receives what is found
 * @throws CandlebookError `other_interval`, `interval_conflict`, `mixed_intervals`
 */
export function findInterval(
  known: KnownOfText,
  layout: Layout,
  sample: TimedRows,
  evidence: Evidence[],
): FoundInterval {
  const { where } = known;
  const { rows, cells, opens } = sample;
  const statements = statedIntervals(known, layout, rows);
  const closes = closeLengths(layout.places, sample);
  const found = {
    statements,
    closes,
    closePlace: closes === null ? null : (layout.places.closeTime ?? null),
  };
  if (known.fetched) return { ...found, interval: statements[0]?.interval ?? "1m" };
  const example = rows.length === 0 ? where : `${where} (line ${rows[0].line}: "${shortened(rows[0].text)}")`;
  const bySymbol = stepsBySymbol(sample, layout.places.symbol);
  const steps = sumSteps(bySymbol.values());
  const isDates = cells.length > 0 && cells.every(isDateAlone);
  if (steps.size === 0 && statements.length === 0 && isDates)
    statements.push({ interval: "1d", by: "a date without a time of day" });
  const { interval, evidence: own } = checkInterval(example, statements, steps, closes);
  evidence.push(...own);
  if (statements.length > 0 || closes !== null || interval !== "1m") return { ...found, interval };
  for (const [symbol, own] of bySymbol) refuseOtherSymbol(where, symbol, own);
  // The first rows of a shuffled file are far apart, whatever its interval.
  if (isOrdered(opens)) refuseWithoutMinutes(example, steps);
  return { ...found, interval };
}

/** Rows whose steps show an interval, whatever a column has. */
const ROWS_THAT_SHOW = 11;

/** What states the interval, strongest first. */
function statedIntervals(known: KnownOfText, layout: Layout, rows: readonly Row[]): StatedInterval[] {
  const { stated, names } = known;
  const { interval, bareMinutes } = statedByNames(names);
  // Kraken names its files by minutes, `XBTUSD_60.csv`, and gives them no header.
  const bare = layout.header === null && bareMinutes !== null ? intervalOfMs(bareMinutes * MINUTE_MS) : null;
  const named = interval ?? bare;
  const byFolder = statedByFolders(known.folders ?? []).interval;
  return [
    ...(stated.interval === undefined ? [] : [{ interval: stated.interval, by: BY_OPTION }]),
    ...intervalColumn(known, rows, layout.places.interval),
    ...(named === null ? [] : [{ interval: named, by: `the name ${names[0]}` }]),
    ...(named !== null || byFolder === null
      ? []
      : [{ interval: byFolder.interval, by: `the folder ${byFolder.folder}` }]),
  ];
}

/** @throws CandlebookError `mixed_intervals` where the column has two; `interval_conflict` where it has none that is known */
function intervalColumn(
  { where, stated }: KnownOfText,
  rows: readonly Row[],
  place: number | undefined,
): StatedInterval[] {
  if (place === undefined) return [];
  const by = `column ${place + 1}`;
  // In reverse, so that the first row of each is kept.
  const found = new Map(rows.toReversed().map((row) => [intervalOfCell(row.cells[place] ?? ""), row]));
  const unknown = found.get(null);
  found.delete(null);
  if (found.size > 1) {
    const row = [...found.values()].reduce((a, b) => (a.line > b.line ? a : b));
    throw inputError(
      "mixed_intervals",
      `${where}, line ${row.line}: "${shortened(row.text)}": ${by} states candles of two lengths: ${[...found.keys()].join(" and ")}.`,
      "Give each length a file of its own.",
    );
  }
  const cell = unknown?.cells[place] ?? "";
  if (unknown !== undefined && cell !== "" && rows.length < ROWS_THAT_SHOW && stated.interval === undefined) {
    throw inputError(
      "interval_conflict",
      `${where}, line ${unknown.line}: "${shortened(unknown.text)}": ${by} states the interval "${cell}", which is not known, and the rows are too few to show it.`,
      "If these are minutes: --interval 1m.",
    );
  }
  return [...found.keys()].map((interval) => ({ interval: interval as Interval, by }));
}

/** Whether nearly all times ascend, or descend. */
function isOrdered(opens: readonly (number | null)[]): boolean {
  const times = opens.filter((open) => open !== null);
  const later = times.filter((time, i) => i > 0 && time >= times[i - 1]).length;
  return Math.max(later, times.length - 1 - later) >= (times.length - 1) * 0.95;
}

/** By symbol, the steps between the open times of its rows, sorted. */
function stepsBySymbol({ rows, opens }: TimedRows, place: number | undefined): Map<string, Steps> {
  const symbolOf = (i: number) => (place === undefined ? "" : (rows[i].cells[place] ?? ""));
  const bySymbol = Map.groupBy(opens.keys(), symbolOf);
  return new Map(
    [...bySymbol].map(([symbol, own]) => {
      const times = own.flatMap((i) => opens[i] ?? []).sort((a, b) => a - b);
      return [symbol, countSteps(times.slice(1).map((time, i) => time - times[i]))];
    }),
  );
}

/** A date without a time of day. */
function isDateAlone(cell: string): boolean {
  return isDateText(cell) && !/:|\d[T ]\d/.test(cell) && !/^\d+$/.test(cell);
}

/** The lengths from open to close time, where the file has close times of its own. */
function closeLengths(
  { time, closeTime }: Layout["places"],
  { rows, opens, times }: TimedRows,
): CloseLengths | null {
  if (closeTime === undefined || closeTime === time) return null;
  const lengths = new Map<number, number>();
  let counted = 0;
  for (const [i, { cells }] of rows.entries()) {
    const [open, close] = [opens[i], openTimeOf(cells[closeTime] ?? "", { ...times, shift: 0 })];
    if (open === null || close === null || close <= open) continue;
    const length = candleLength(open, close);
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
    counted += 1;
  }
  return counted === 0 ? null : { lengths, rows: counted };
}
