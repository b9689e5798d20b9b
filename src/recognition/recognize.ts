import { type Market, marketOf, normalizeSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { EARLIEST_MS, MINUTE_MS } from "../time/epoch.ts";
import { type Interval, intervalOfMs } from "../time/interval.ts";
import { numberOf } from "./cells.ts";
import { bareName } from "./columnName.ts";
import { findDecimal } from "./decimal.ts";
import { type Evidence, ofRows } from "./evidence.ts";
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
import { findLayout, type Layout, type Row, shortened } from "./layout.ts";
import { findMarket, refuseOtherTexts } from "./market.ts";
import { type ConstantColumn, constantColumn } from "./marketColumns.ts";
import { statedByNames } from "./names.ts";
import { checkNeighbours, inTime, type PricedRow } from "./neighbours.ts";
import { orderThatFits } from "./priceOrder.ts";
import { countSteps, type Steps, sumSteps } from "./steps.ts";
import { findTimeForm, statedZones, timeCell } from "./timeForm.ts";
import { isDateText, openTimeOf } from "./times.ts";
import { chooseVolume, type VolumeQuestion } from "./volume.ts";
import { readVolumes, type VolumeColumn } from "./volumeName.ts";

export type { KnownOfText } from "./known.ts";

interface VolumeChoice extends Pick<VolumeQuestion, "places" | "by"> {
  columns(market: Market | null): readonly VolumeColumn[];
  quote: number | null;
}

/** How a text is read, and why so. */
export interface Recognition {
  form: FileForm;
  /** The pair; null where a column states it row by row. */
  symbol: string | null;
  /** Of the pair, or of the column's first. */
  market: Market | null;
  /** Whose prices they are, in capitals; null where nothing states it. */
  venue: string | null;
  /** Columns that hold what they hold in the sample in every row. */
  constants: ConstantColumn[];
  /** What is stated of the interval, and what the sample's close times show. */
  interval: {
    statements: StatedInterval[];
    closes: CloseLengths | null;
    /** The column of close times, or null. */
    closePlace: number | null;
  };
  /** What the volume of each market was chosen from, and the column of quote volume that proves it. */
  volumes: VolumeChoice;
  evidence: Evidence[];
}

/**
 * Recognises the form of a text by evidence: what is stated of it, what its numbers prove, and what nothing contradicts.
 * @param lines the first lines, without line ends
 * @param evidence receives what is found, also where the text is refused
 * @throws CandlebookError with the question that is open: `unknown_form`, `no_symbol`, `no_time_zone`, `ambiguous_date`,
 *   `ambiguous_time`, `ambiguous_decimal`, `ambiguous_volume`, `volume_conflict`, `contract_volume`, `misread_columns`, `other_interval`,
 *   `interval_conflict`, `mixed_intervals`; `empty_file`
 */
export function recognize(
  known: KnownOfText,
  lines: readonly string[],
  evidence: Evidence[] = [],
): Recognition {
  const { where, stated } = known;
  const { layout: found, rows } = findLayout(where, lines, stated);
  const { symbol, market, venue, constants, column, ...inColumn } = findMarket(known, found, rows, evidence);
  refuseOtherTexts(where, constants, rows);
  const layout = { ...found, places: { ...found.places, symbol: column ?? undefined } };
  const decimal = findDecimal(known, layout, rows);
  const number = (cell: string) => numberOf(cell, decimal);
  const priced = pricedRows(layout, rows, number);
  const { time, timeOfDay = null, closeTime } = layout.places;
  const timed = {
    cells: rows.map(({ cells }) => timeCell(cells, time as number, timeOfDay, decimal)),
    closing: time === closeTime,
  };
  const times = () =>
    findTimeForm({ ...timed, where, rows, stated, zones: statedZones(known, layout, rows) });
  const fitting = () => {
    const { times: form } = times();
    const at = timed.cells.map((cell) => openTimeOf(cell, form));
    return orderThatFits(layout, rows, at, number);
  };
  const order = checkOrder(known, layout, priced, fitting);
  evidence.push(...order);
  const form = times();
  const { zone, interval: intervals } = layout.places;
  if (form.times.offset !== null && zone !== undefined && rows.length > 0)
    constants.push(constantColumn(zone, rows, "no_time_zone"));
  if (intervals !== undefined && rows.length > 0)
    constants.push(constantColumn(intervals, rows, "mixed_intervals"));
  // A number of another kind, such as a day without its time, is no time: no step from it shows an interval.
  const opens = timed.cells.map((cell) => {
    const open = openTimeOf(cell, form.times);
    return open !== null && open >= EARLIEST_MS ? open : null;
  });
  const statements = statedIntervals(known, layout, rows);
  const closes =
    closeTime === undefined || closeTime === time ? null : closeLengths(rows, opens, closeTime, form.times);
  if (!known.fetched) {
    const keys = rows.map(({ cells }) =>
      layout.places.symbol === undefined ? "" : (cells[layout.places.symbol] ?? ""),
    );
    const example =
      rows.length === 0 ? where : `${where} (line ${rows[0].line}: "${shortened(rows[0].text)}")`;
    const bySymbol = stepsBySymbol(opens, keys);
    const steps = sumSteps(bySymbol.values());
    if (
      steps.size === 0 &&
      statements.length === 0 &&
      timed.cells.length > 0 &&
      timed.cells.every(isDateAlone)
    )
      statements.push({ interval: "1d", by: "a date without a time of day" });
    evidence.push(...checkInterval(example, statements, steps, closes));
    if (statements.length === 0 && closes === null)
      for (const [symbol, own] of bySymbol) refuseOtherSymbol(where, symbol, own);
    // The first rows of a shuffled file are far apart, whatever its interval.
    if (statements.length === 0 && closes === null && isOrdered(opens)) refuseWithoutMinutes(example, steps);
  }
  evidence.push(...form.evidence);
  const proven = checkNeighbours(known, layout, inTime(priced, rows, opens), fitting);
  if (!proven && rows.length > 0)
    order[order.length - 1].by += "; nothing shows which is the open and which the close";
  const volume = findVolume(known, layout, priced, { market, decimal });
  evidence.push(...volume.evidence);
  return {
    form: { ...formOf(layout, form.times, decimal, volume.place), ...inColumn },
    symbol,
    market,
    venue,
    constants,
    interval: { statements, closes, closePlace: closes === null ? null : (closeTime as number) },
    volumes: volume.question,
    evidence,
  };
}

function formOf(
  layout: Layout,
  times: FileForm["times"],
  decimal: FileForm["decimal"],
  volume: number,
): Omit<FileForm, "names" | "perpetual"> {
  const { places, delimiter, fields, headerLine, header } = layout;
  const {
    time,
    open,
    high,
    low,
    close,
    timeOfDay = null,
    trades = null,
    symbol = null,
  } = places as Required<Layout["places"]>;
  return {
    delimiter,
    fields,
    columns: { time, timeOfDay, open, high, low, close, volume, trades, symbol },
    times,
    decimal,
    headerLine,
    header,
  };
}

function pricedRows(layout: Layout, rows: readonly Row[], number: (cell: string) => number): PricedRow[] {
  const { open, high, low, close } = layout.places as Required<Layout["places"]>;
  const price = (row: Row, place: number) => number(row.cells[place] ?? "");
  return rows
    .map((row) => ({
      ...row,
      open: price(row, open),
      high: price(row, high),
      low: price(row, low),
      close: price(row, close),
    }))
    .filter(({ open, high, low, close }) => Number.isFinite(open + high + low + close));
}

function breaksOrder({ open, high, low, close }: PricedRow): boolean {
  return low > Math.min(open, close) || high < Math.max(open, close);
}

/** @throws CandlebookError `misread_columns` where most rows of the sample break the order of prices */
function checkOrder(
  known: KnownOfText,
  layout: Layout,
  rows: readonly PricedRow[],
  fitting: () => string | null,
): Evidence[] {
  const broken = rows.filter(breaksOrder);
  if (broken.length >= 2 && broken.length > rows.length / 2 && !known.stated.acceptRejects) {
    const rule = "low ≤ open, close ≤ high";
    const { code, message, next } = misreadColumns(
      known.where,
      broken[0],
      ofRows(broken.length, rows.length),
      rule,
    );
    const order = whereReadable(fitting);
    throw inputError(code, message, order === null ? next : `One order fits: --columns ${order}. ${next}`);
  }
  const names = ["time", "open", "high", "low", "close"] as const;
  const answer = names.map((role) => `${role} ${(layout.places[role] as number) + 1}`).join(", ");
  const stated = { question: "columns" as const, answer, grade: "stated" as const, by: layout.by };
  const by = `low ≤ open, close ≤ high in ${ofRows(rows.length - broken.length, rows.length)}`;
  const shown: Evidence =
    rows.length > 0 ? { ...stated, grade: "shown", by } : { ...stated, grade: "assumed" };
  return layout.by === "the number of columns" ? [shown] : [stated, shown];
}

/** The order that fits, where the times can be read; their own question is asked later. */
function whereReadable(fitting: () => string | null): string | null {
  try {
    return fitting();
  } catch {
    return null;
  }
}

/** The refusal of a file of which too many rows break a rule of shape. */
export function misreadColumns(
  where: string,
  row: { line: number; text: string },
  broken: string,
  rule: string,
) {
  return inputError(
    "misread_columns",
    `${where}, line ${row.line}: "${shortened(row.text)}" breaks the rule ${rule}, as ${broken} do: more than 1 %, so the form was misread.`,
    "Name the columns: --columns time,open,high,low,close,volume. To take the file all the same and reject those rows: --accept-rejects.",
  );
}

/**
 * The column of volume: each kind of market that a column of pairs names has to have it there.
 * @throws CandlebookError `ambiguous_volume`, `volume_conflict`, `contract_volume`
 */
function findVolume(
  known: KnownOfText,
  layout: Layout,
  priced: readonly PricedRow[],
  { market, decimal }: { market: Market | null; decimal: FileForm["decimal"] },
): { place: number; evidence: Evidence[]; question: VolumeChoice } {
  const { places, fields, names, by } = layout;
  const columnsOf = (own: Market | null) => (by === "the header" ? readVolumes(names, own) : layout.volumes);
  const question = {
    where: known.where,
    by,
    places: [...Array(fields).keys()].filter((place) => !Object.values(places).includes(place)),
    stated: known.stated.volume === undefined ? null : statedVolume(known, layout),
    number: (cell: string) => numberOf(cell, decimal),
  };
  const rows = known.fetched ? [] : priced.filter((row) => !breaksOrder(row));
  const bySymbol = Map.groupBy(rows, ({ cells }) =>
    places.symbol === undefined || known.symbol !== null ? null : normalizeSymbol(cells[places.symbol] ?? ""),
  );
  const series = [...bySymbol].map(([symbol, rows]) => {
    const own = symbol === null ? market : marketOf(symbol);
    return { market: own, columns: columnsOf(own), rows };
  });
  const kinds = Map.groupBy(series, ({ market: own, columns }) =>
    JSON.stringify([own?.kind, own?.quote === "USD", columns]),
  );
  const alike = [...kinds.values()].map((all) => ({ ...all[0], rows: all.flatMap(({ rows }) => rows) }));
  const found = (alike.length > 0 ? alike : [{ market, columns: columnsOf(market), rows: [] }]).map((own) =>
    chooseVolume({ ...question, ...own }),
  );
  const [first, ...others] = found;
  const other = others.find(({ place }) => place !== first.place);
  if (other === undefined) {
    const { place, quote } = first;
    const own = { columns: columnsOf, places: question.places, by, quote };
    return { place, evidence: found.map(({ evidence }) => evidence), question: own };
  }
  throw inputError(
    "volume_conflict",
    `${known.where}: the volume of some rows is in ${first.evidence.answer} (${first.evidence.by}), of others in ${other.evidence.answer} (${other.evidence.by}).`,
    "Give each kind of market a file of its own.",
  );
}

function statedVolume({ where, stated }: KnownOfText, layout: Layout): number {
  const text = stated.volume as string;
  const byName = layout.names.findIndex((name) => name === text || bareName(name) === bareName(text));
  const place = byName >= 0 ? byName : /^\d+$/.test(text) ? Number(text) - 1 : -1;
  const other = Object.entries(layout.places).find(([, taken]) => taken === place)?.[0];
  if (place >= 0 && place < layout.fields && other === undefined) return place;
  throw inputError(
    "bad_option",
    `${where}: --volume is "${text}"${other === undefined ? "" : `, which is the ${other}`}; the file has ${layout.names.length > 0 ? `the columns ${layout.names.join(", ")}` : `${layout.fields} columns`}.`,
    "Name one of them, or give its number counted from 1.",
  );
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

/** Whether nearly all times go one way. */
function isOrdered(opens: readonly (number | null)[]): boolean {
  const times = opens.filter((open) => open !== null);
  const later = times.filter((time, i) => i > 0 && time >= times[i - 1]).length;
  return Math.max(later, times.length - 1 - later) >= (times.length - 1) * 0.95;
}

/** By symbol, the steps between the open times of its rows, sorted. */
function stepsBySymbol(opens: readonly (number | null)[], keys: readonly string[]): Map<string, Steps> {
  const bySymbol = Map.groupBy(opens.keys(), (i) => keys[i]);
  return new Map(
    [...bySymbol].map(([symbol, own]) => {
      const times = own.flatMap((i) => opens[i] ?? []).sort((a, b) => a - b);
      return [symbol, countSteps(times.slice(1).map((time, i) => time - times[i]))];
    }),
  );
}

/** A date and nothing behind it. */
function isDateAlone(cell: string): boolean {
  return isDateText(cell) && !/:|\d[T ]\d/.test(cell) && !/^\d+$/.test(cell);
}

function closeLengths(
  rows: readonly Row[],
  opens: readonly (number | null)[],
  closeTime: number,
  times: FileForm["times"],
): CloseLengths | null {
  const lengths = new Map<number, number>();
  let counted = 0;
  for (const [i, { cells }] of rows.entries()) {
    const [open, close] = [opens[i], openTimeOf(cells[closeTime] ?? "", { ...times, shift: 0 })];
    if (open === null || close === null) continue;
    const length = candleLength(open, close);
    lengths.set(length, (lengths.get(length) ?? 0) + 1);
    counted += 1;
  }
  return counted === 0 ? null : { lengths, rows: counted };
}
