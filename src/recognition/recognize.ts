import type { Market } from "../candle/symbol.ts";
import { EARLIEST_MS, MINUTE_MS } from "../time/epoch.ts";
import { type Interval, intervalMs } from "../time/interval.ts";
import { numberOf } from "./cells.ts";
import { findDecimal } from "./decimal.ts";
import type { Evidence } from "./evidence.ts";
import { type FoundInterval, findInterval } from "./fileInterval.ts";
import { findVolume, type VolumeChoice } from "./fileVolume.ts";
import type { FileForm } from "./form.ts";
import type { KnownOfText } from "./known.ts";
import { findLayout, type Layout, type Row } from "./layout.ts";
import { findMarket, refuseOtherTexts } from "./market.ts";
import { type ConstantColumn, constantColumn } from "./marketColumns.ts";
import { checkNeighbours, inTime, type PricedRow } from "./neighbours.ts";
import { checkOrder, orderThatFits } from "./priceOrder.ts";
import { findTimeForm, statedZones, timeCell } from "./timeForm.ts";
import { openTimeOf } from "./times.ts";

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
  interval: FoundInterval;
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
  const sample = { rows, cells: timed.cells, opens, times: form.times };
  const interval = findInterval(known, layout, sample, evidence);
  evidence.push(...form.evidence);
  const proven = checkNeighbours(known, layout, inTime(priced, rows, opens), fitting);
  if (!proven && rows.length > 0)
    order[order.length - 1].by += "; nothing shows which is the open and which the close";
  const volume = findVolume(known, layout, priced, { market, decimal });
  evidence.push(...volume.evidence);
  return {
    form: {
      ...formOf(layout, decimal, volume.place),
      times: toOpenTimes(form.times, interval.interval),
      interval: interval.interval,
      ...inColumn,
    },
    symbol,
    market,
    venue,
    constants,
    interval,
    volumes: volume.question,
    evidence,
  };
}

/** Times that close a candle, shifted by its whole length; they were read as those of minutes. */
function toOpenTimes(times: FileForm["times"], interval: Interval): FileForm["times"] {
  const length = intervalMs(interval);
  if (times.shift === 0 || length === null) return times;
  return { ...times, shift: times.shift - (length - MINUTE_MS) };
}

function formOf(
  layout: Layout,
  decimal: FileForm["decimal"],
  volume: number,
): Omit<FileForm, "names" | "perpetual" | "times" | "interval"> {
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
