import { isSpot, marketOf, normalizeSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { cellsOf, numberOf } from "../recognition/cells.ts";
import { MOST_BROKEN, ofRows } from "../recognition/evidence.ts";
import { candleLength } from "../recognition/interval.ts";
import type { KnownOfText } from "../recognition/known.ts";
import { shortened } from "../recognition/layout.ts";
import { withFuture } from "../recognition/names.ts";
import {
  countNeighbours,
  exchangedColumns,
  findJump,
  isExchanged,
  isOtherScale,
  NEIGHBOURS_MS,
  type Neighbours,
  OTHER_SCALE,
  type PriceRange,
  rangeOf,
} from "../recognition/neighbours.ts";
import type { Recognition } from "../recognition/recognize.ts";
import { timeCell } from "../recognition/timeForm.ts";
import { openTimeOf } from "../recognition/times.ts";
import { chooseVolume, fitsPrice, type SampleRow } from "../recognition/volume.ts";
import { EARLIEST_MS, type EpochMs, toIso } from "../time/epoch.ts";
import { intervalOfMs } from "../time/interval.ts";
import { type Piece, sampleOf } from "./pieces.ts";

/** A line as it is in the file, and its number, from 1. */
export interface Line {
  line: number;
  text: string;
}

/** What some neighbouring lines say of a symbol's candles. */
export interface Stretch extends Neighbours, PriceRange, Line {
  symbol: string;
  /** Open times of its first and last candle; `line` and `text` are the first. */
  first: number;
  last: number;
  rows: number;
  /** The first of a run of rows with open and close exchanged. */
  exchangedFrom: Line | null;
  /** Of the rows with both volumes, where the column of quote volume is known, those that refute it. */
  traded: number;
  misfits: number;
  /** Of the misfits, those that prove the opposite; the first of them, or of all. */
  crossed: number;
  misfitFrom: Line | null;
  /** The geometric mean of the volumes above 0; null where there are few. */
  volume: number | null;
  /** Where all volumes change by the price at once. */
  otherUnit: OtherUnit | null;
  /** The first row whose close time states another interval. */
  otherLength: (Line & { interval: string }) | null;
  /** Of a derivative in a file of several symbols, its rows. */
  derivative: SampleRow[];
}

interface OtherUnit extends Line {
  times: number;
  price: number;
}

const FEW_ROWS = 10;
const FEW_VOLUMES = 5;
const DERIVATIVE_ROWS = 20;

/** The stretches of a piece; all lines would cost a tenth of the reading, these cost a hundredth. */
export async function stretchesOf(piece: Piece, recognition: Recognition): Promise<Stretch[]> {
  const stretches = await sampleOf(piece);
  return stretches.flatMap((lines) => {
    const candles = lines.flatMap(({ line, text }) => candleOf(line, text, recognition) ?? []);
    return [...Map.groupBy(candles, (candle) => candle.symbol)].map(([own, rows]) =>
      stretchOf(recognition.symbol ?? own, rows, recognition),
    );
  });
}

const AROUND_CELLS = /["\s]/;

type LineOfCandle = NonNullable<ReturnType<typeof candleOf>>;

/** A line's candle, its open time in milliseconds since 1970; null where it has no time, no prices or another pair. */
export function candleOf(line: number, text: string, { form, symbol: stated }: Recognition) {
  const { delimiter, fields, columns, decimal, times } = form;
  // Most lines have nothing around their cells, and to look for it in each takes a third of the time.
  const cells = AROUND_CELLS.test(text) ? cellsOf(text, delimiter) : text.split(delimiter);
  if (cells.length !== fields) return null;
  const at = openTimeOf(timeCell(cells, columns.time, columns.timeOfDay, decimal), times);
  const number = (place: number) => numberOf(cells[place], decimal);
  const [open, high, low, close] = [columns.open, columns.high, columns.low, columns.close].map(number);
  if (at === null || !(Number.isFinite(open + high + close) && low > 0)) return null;
  const plain = columns.symbol === null ? "" : (normalizeSymbol(cells[columns.symbol]) ?? "");
  if (columns.symbol !== null && stated !== null && !form.names.includes(plain)) return null;
  const symbol = form.perpetual ? withFuture(plain, "perpetual") : plain;
  return { line, text, cells, symbol, at, open, high, low, close, volume: number(columns.volume) };
}

function stretchOf(symbol: string, candles: readonly LineOfCandle[], recognition: Recognition): Stretch {
  const rows = candles.toSorted((a, b) => a.at - b.at);
  const { at: first, line, text } = rows[0];
  // A row that breaks the order of its prices is rejected, and proves nothing.
  const sound = rows.filter(
    (row) => row.low <= Math.min(row.open, row.close) && row.high >= Math.max(row.open, row.close),
  );
  const traded = rows.filter(({ volume }) => volume > 0 && Number.isFinite(volume));
  const neighbours = countNeighbours(rows);
  const ofSeveral = recognition.symbol === null && symbol !== "" && !isSpot(symbol);
  return {
    ...neighbours,
    ...rangeOf(rows),
    ...{ symbol, first, last: rows[rows.length - 1].at, line, text, rows: rows.length },
    exchangedFrom: neighbours.at < 0 ? null : lineOf(rows[neighbours.at]),
    ...holdPrice(sound, recognition),
    volume: rows.length < FEW_ROWS || traded.length < FEW_VOLUMES ? null : meanVolume(traded),
    otherUnit: otherUnitIn(traded),
    otherLength: otherLengthIn(rows, recognition),
    derivative: ofSeveral
      ? sound
          .slice(0, DERIVATIVE_ROWS)
          .map(({ line, text, cells, low, high }) => ({ line, text, cells, low, high }))
      : [],
  };
}

function otherLengthIn(rows: readonly LineOfCandle[], { form, interval: { closePlace } }: Recognition) {
  if (closePlace === null) return null;
  for (const row of rows) {
    const close = openTimeOf(row.cells[closePlace], { ...form.times, shift: 0 });
    if (close === null || close <= row.at || row.at < EARLIEST_MS) continue;
    const interval = intervalOfMs(candleLength(row.at, close));
    if (interval !== null && interval !== form.interval) return { ...lineOf(row), interval };
  }
  return null;
}

function lineOf({ line, text }: Line): Line {
  return { line, text };
}

function meanVolume(traded: readonly { volume: number }[]): number {
  return Math.exp(traded.reduce((sum, { volume }) => sum + Math.log(volume), 0) / traded.length);
}

/** Prices nearer to 1 fit both ways, give or take a row's noise. */
const CROSSING_PRICE = 2;

/** Holds rows against the proof by which the volume was chosen: quote ÷ base lies between low and high. */
function holdPrice(rows: readonly LineOfCandle[], { form, volumes: { quote } }: Recognition) {
  const found = { traded: 0, misfits: 0, crossed: 0, misfitFrom: null as Line | null };
  if (quote === null) return found;
  const number = (cell: string) => numberOf(cell, form.decimal);
  for (const row of rows) {
    const fits = fitsPrice(row, form.columns.volume, quote, number);
    if (fits === null) continue;
    found.traded += 1;
    if (fits) continue;
    const far = row.low > CROSSING_PRICE || row.high * CROSSING_PRICE < 1;
    const crossed = far && fitsPrice(row, quote, form.columns.volume, number) === true;
    if (found.misfits === 0 || (crossed && found.crossed === 0)) found.misfitFrom = lineOf(row);
    found.misfits += 1;
    found.crossed += crossed ? 1 : 0;
  }
  return found;
}

/** The rows of a symbol as they were written, from an open time to another, in order of time. */
export type RowsBetween = (
  symbol: string,
  from: number,
  to: number,
) => Promise<readonly (PriceRange & { at: number })[]>;

/**
 * Holds a text's stretches, when all are read, against each other: all have one order of columns, one scale of prices and
 * one unit of volume.
 * @throws CandlebookError `misread_columns`, `other_scale`, `volume_conflict`, `contract_volume`, `ambiguous_volume`
 */
export async function judgeStretches(
  { where, stated }: KnownOfText,
  recognition: Recognition,
  stretches: readonly Stretch[],
  rowsBetween: RowsBetween,
): Promise<void> {
  const inTime = stretches.toSorted((a, b) => a.first - b.first || a.line - b.line);
  if (stated.acceptRejects !== true) refuseExchanged(where, inTime);
  if (stated.volume === undefined) refuseOtherProof(where, recognition, inTime);
  refuseOtherLength(where, recognition, inTime);
  for (const [symbol, own] of Map.groupBy(inTime, ({ symbol }) => symbol)) {
    if (stated.decimal === undefined && stated.allowConflicts !== true)
      await refuseJumps(where, own, rowsBetween);
    if (stated.volume !== undefined) continue;
    refuseOtherUnit(where, own);
    refuseContracts(where, symbol, own, recognition);
  }
}

function refuseExchanged(where: string, stretches: readonly Stretch[]): void {
  const found = stretches.filter(({ run }) => run > 0);
  const telling = stretches.filter(({ run, others }) => run + others > 0);
  if (found.length <= telling.length * MOST_BROKEN || !isExchanged(telling)) return;
  const pairs = found.reduce((sum, { run }) => sum + run, 0);
  throw exchangedColumns(where, found[0].exchangedFrom ?? found[0], pairs, null);
}

function refuseOtherLength(where: string, { form }: Recognition, stretches: readonly Stretch[]): void {
  const other = stretches.find(({ otherLength }) => otherLength !== null)?.otherLength;
  if (other === null || other === undefined) return;
  throw inputError(
    "mixed_intervals",
    `${where}, line ${other.line}: "${shortened(other.text)}": its close time states a candle of ${other.interval}, those of the rows before of ${form.interval}.`,
    "Give each length a file of its own.",
  );
}

/** Rows with both volumes of which more than this refute the proof. */
const MOST_MISFITS = 0.05;

function refuseOtherProof(
  where: string,
  { form, volumes: { quote } }: Recognition,
  stretches: readonly Stretch[],
): void {
  const sum = (key: "traded" | "misfits" | "crossed") =>
    stretches.reduce((count, one) => count + one[key], 0);
  const [traded, misfits, crossed] = [sum("traded"), sum("misfits"), sum("crossed")];
  const other = stretches.filter(({ traded, misfits }) => traded >= FEW_VOLUMES && misfits * 2 > traded);
  const isOther =
    other.length > stretches.length * MOST_BROKEN ||
    crossed > traded * MOST_BROKEN ||
    misfits > traded * MOST_MISFITS;
  if (quote === null || !isOther) return;
  const first = stretches.find(({ crossed }) => crossed > 0) ?? other[0];
  const { line, text } = (first ?? stretches.find(({ misfits }) => misfits > 0)).misfitFrom as Line;
  throw inputError(
    "volume_conflict",
    `${where}, line ${line}: "${shortened(text)}": here column ${quote + 1} ÷ column ${form.columns.volume + 1} is no price between low and high, as in ${ofRows(misfits, traded)} that were looked at: the columns of volume change inside the file.`,
    "Give the rows of each order a file of their own. To take the file all the same, name the column: --volume COLUMN.",
  );
}

/** @throws CandlebookError where the volume of a derivative, which others of the file don't prove, is not known to be in coins */
function refuseContracts(
  where: string,
  symbol: string,
  own: readonly Stretch[],
  { form, volumes }: Recognition,
): void {
  const rows = own.flatMap(({ derivative }) => derivative);
  const traded = rows.filter(({ cells }) => numberOf(cells[form.columns.volume], form.decimal) > 0);
  if (rows.length === 0 || (volumes.quote !== null && traded.length < FEW_VOLUMES)) return;
  const question = {
    where: `${where}, ${symbol}`,
    columns: volumes.columns(marketOf(symbol)),
    places: volumes.places,
    by: volumes.by,
    rows,
    market: marketOf(symbol),
    stated: null,
    number: (cell: string) => numberOf(cell, form.decimal),
  };
  const { place, evidence } = chooseVolume(question);
  if (place === form.columns.volume) return;
  throw inputError(
    "volume_conflict",
    `${where}, line ${rows[0].line}: "${shortened(rows[0].text)}": the base volume of ${symbol} is ${evidence.answer} (${evidence.by}), of other symbols column ${form.columns.volume + 1}.`,
    "Give the symbols of each kind a file of their own. To take one column for all: --volume COLUMN.",
  );
}

/** A stretch may have a jump in it: then those around it are apart. */
async function refuseJumps(where: string, own: readonly Stretch[], rowsBetween: RowsBetween): Promise<void> {
  const long = own.filter(({ rows }) => rows >= FEW_ROWS);
  for (const [i, before] of long.entries()) {
    for (const after of long.slice(i + 1, i + 3)) {
      if (after.first - before.last > NEIGHBOURS_MS || !isOtherScale(before, after)) continue;
      const rows = await rowsBetween(own[0].symbol, before.first, after.last);
      const jump = rows[findJump(rows)];
      if (jump === undefined) continue;
      throw inputError(
        "other_scale",
        `${where}, behind line ${before.line}: from ${toIso(jump.at as EpochMs)} on, prices of ${jump.low} to ${jump.high}, are more than ${OTHER_SCALE} times those of the rows before, or less than a fifth.`,
        "Give each market, or each unit, a file of its own; or take the file all the same: --allow-conflicts.",
      );
    }
  }
}

/** Stretches on the two sides of a change of unit: a short part of the file is held against a longer one. */
const SIDES = [
  [6, 2],
  [2, 6],
] as const;
/** Rows on each side of a change of unit inside a stretch. */
const ROWS_A_SIDE = 8;
/** Prices nearer to 1 hide a change of unit: volumes change as much by themselves, and from row to row yet more. */
const TELLING_PRICE = 100;
const TELLING_PRICE_OF_ROWS = 1000;
const ABOUT = 3;

type Traded = Line & PriceRange & { volume: number };

/** Base volume times the price is quote volume: where all volumes change by the price at once, the unit did. */
function otherUnit(before: readonly Traded[], after: readonly Traded[], telling: number): OtherUnit | null {
  const price = Math.sqrt(after[0].low * after[0].high);
  if (Math.max(price, 1 / price) < telling) return null;
  const [a, b] = [before, after].map((side) => side.map(({ volume }) => volume).sort((x, y) => x - y));
  const apart = a[a.length - 1] * OTHER_SCALE < b[0] || b[b.length - 1] * OTHER_SCALE < a[0];
  const times = b[b.length >> 1] / a[a.length >> 1];
  const isPrice = [price, 1 / price].some((factor) => times < factor * ABOUT && times * ABOUT > factor);
  return apart && isPrice ? { ...lineOf(after[0]), times, price } : null;
}

/** A change of unit between two rows of a stretch. */
function otherUnitIn(traded: readonly Traded[]): OtherUnit | null {
  const volumes = traded.map(({ volume }) => volume);
  const price = traded.length === 0 ? 1 : traded[0].low;
  // Of most stretches the volumes don't differ by the price at all.
  if (Math.max(...volumes) * ABOUT < Math.min(...volumes) * Math.max(price, 1 / price)) return null;
  for (let i = ROWS_A_SIDE; i + ROWS_A_SIDE <= traded.length; i += 1) {
    const [before, after] = [traded.slice(i - ROWS_A_SIDE, i), traded.slice(i, i + ROWS_A_SIDE)];
    const found = otherUnit(before, after, TELLING_PRICE_OF_ROWS);
    if (found !== null) return found;
  }
  return null;
}

function refuseOtherUnit(where: string, own: readonly Stretch[]): void {
  const known = own.flatMap(({ volume, ...stretch }) => (volume === null ? [] : [{ ...stretch, volume }]));
  const sides = known.flatMap((_, at) =>
    SIDES.map(([b, a]) => [known.slice(Math.max(0, at - b), at), known.slice(at, at + a)] as const).filter(
      ([before, after], i) => before.length >= SIDES[i][0] && after.length >= SIDES[i][1],
    ),
  );
  const inside = own.flatMap(({ otherUnit }) => otherUnit ?? []);
  const found = [...inside, ...sides.flatMap(([a, b]) => otherUnit(a, b, TELLING_PRICE) ?? [])][0];
  if (found === undefined) return;
  const { line, text, times, price } = found;
  throw inputError(
    "volume_conflict",
    `${where}, about line ${line}: "${shortened(text)}": from here on volumes are ${times < 1 ? "1/" : ""}${Math.round(Math.max(times, 1 / times))} of those before, and the price is ${price.toPrecision(3)}: the column changes from one currency of the pair to the other.`,
    "Give the rows of each unit a file of their own. To take the file all the same, name the column: --volume COLUMN.",
  );
}
