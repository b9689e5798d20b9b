import { normalizeSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import type { LakePool } from "../lake/pool.ts";
import { literal } from "../lake/session.ts";
import { cellsOf, numberOf } from "../recognition/cells.ts";
import { MOST_BROKEN } from "../recognition/evidence.ts";
import type { FileForm } from "../recognition/form.ts";
import { shortened } from "../recognition/layout.ts";
import {
  countNeighbours,
  findJump,
  isExchanged,
  isOtherScale,
  type Neighbours,
  OTHER_SCALE,
  type PriceRange,
  rangeOf,
} from "../recognition/neighbours.ts";
import type { KnownOfText, Recognition } from "../recognition/recognize.ts";
import { timeCell } from "../recognition/timeForm.ts";
import { openTimeOf } from "../recognition/times.ts";
import { type EpochMs, toIso } from "../time/epoch.ts";
import { NEIGHBOURS_MS } from "./oneMarket.ts";
import { type Piece, sampleOf } from "./pieces.ts";

/** What some neighbouring lines say of a symbol's candles. */
export interface Stretch extends Neighbours, PriceRange {
  symbol: string;
  /** Open times of its first and last candle. */
  first: number;
  last: number;
  /** Its first candle, as it is in the file. */
  line: number;
  text: string;
  /** The geometric mean of the volumes above 0; null where there are few. */
  volume: number | null;
}

const FEW_ROWS = 10;
const FEW_VOLUMES = 5;

/** The stretches of a piece; all lines would cost a tenth of the reading, these cost less than a hundredth. */
export async function stretchesOf(piece: Piece, { form, symbol }: Recognition): Promise<Stretch[]> {
  const stretches = await sampleOf(piece);
  return stretches.flatMap((lines) => {
    const candles = lines.flatMap(({ line, text }) => candleOf(line, text, form) ?? []);
    return [...Map.groupBy(candles, (candle) => candle.symbol)].flatMap(([own, rows]) =>
      rows.length < FEW_ROWS ? [] : [stretchOf(symbol ?? own, rows)],
    );
  });
}

type LineOfCandle = NonNullable<ReturnType<typeof candleOf>>;

function candleOf(line: number, text: string, { delimiter, fields, columns, decimal, times }: FileForm) {
  const cells = cellsOf(text, delimiter);
  if (cells.length !== fields) return null;
  const at = openTimeOf(timeCell(cells, columns.time, columns.timeOfDay, decimal), times);
  const number = (place: number) => numberOf(cells[place], decimal);
  const [open, high, low, close] = [columns.open, columns.high, columns.low, columns.close].map(number);
  if (at === null || !(Number.isFinite(open + high + close) && low > 0)) return null;
  const symbol = columns.symbol === null ? "" : (normalizeSymbol(cells[columns.symbol]) ?? "");
  return { line, text, symbol, at, open, high, low, close, volume: number(columns.volume) };
}

function stretchOf(symbol: string, candles: readonly LineOfCandle[]): Stretch {
  const rows = candles.toSorted((a, b) => a.at - b.at);
  const { at: first, line, text } = rows[0];
  const volumes = rows.map(({ volume }) => volume).filter((volume) => volume > 0);
  const logarithm = volumes.reduce((sum, volume) => sum + Math.log(volume), 0) / volumes.length;
  return {
    ...countNeighbours(rows),
    ...rangeOf(rows),
    ...{ symbol, first, last: rows[rows.length - 1].at, line, text },
    volume: volumes.length < FEW_VOLUMES ? null : Math.exp(logarithm),
  };
}

/** Rows as they were written, for a second look: Parquet files of a symbol. */
export type PathsOf = (symbol: string) => readonly string[];

/**
 * Holds a text's stretches, when all are read, against each other: all have one order of columns, one scale of prices and
 * one unit of volume.
 * @throws CandlebookError `misread_columns`, `other_scale`, `volume_conflict`
 */
export async function judgeStretches(
  pool: LakePool,
  { where, stated, fetched }: KnownOfText,
  stretches: readonly Stretch[],
  pathsOf: PathsOf,
): Promise<void> {
  if (fetched) return;
  const inTime = [...stretches].sort((a, b) => a.first - b.first);
  if (stated.acceptRejects !== true) refuseExchanged(where, inTime);
  for (const [symbol, own] of Map.groupBy(inTime, ({ symbol }) => symbol)) {
    if (stated.decimal === undefined && stated.allowConflicts !== true)
      await refuseJumps(pool, where, own, pathsOf(symbol));
    if (stated.volume === undefined) refuseOtherUnit(where, own);
  }
}

function refuseExchanged(where: string, stretches: readonly Stretch[]): void {
  const exchanged = stretches.filter(isExchanged);
  if (exchanged.length <= stretches.length * MOST_BROKEN) return;
  const [{ pairs, exchanged: count, line, text }] = exchanged;
  throw inputError(
    "misread_columns",
    `${where}, line ${line}: "${shortened(text)}": here, in ${count} of ${pairs} minutes, the column of the close is where the next one's open is, and not the other way round: open and close are exchanged in a part of the file.`,
    "Give the rows with another order of columns a file of their own, with --columns. To take the file all the same: --accept-rejects.",
  );
}

/** A stretch may have a jump in it: then those around it are apart. */
async function refuseJumps(
  pool: LakePool,
  where: string,
  own: readonly Stretch[],
  paths: readonly string[],
): Promise<void> {
  for (const [i, before] of own.entries()) {
    for (const after of own.slice(i + 1, i + 3)) {
      if (after.first - before.last > NEIGHBOURS_MS || !isOtherScale(before, after)) continue;
      const rows = await pool.use((lake) =>
        lake.rows<PriceRange & { at: number }>(
          `SELECT epoch_ms(open_time)::DOUBLE AS at, low, high FROM read_parquet([${paths.map(literal).join(", ")}])
           WHERE epoch_ms(open_time) BETWEEN ${before.first} AND ${after.last} ORDER BY open_time`,
        ),
      );
      const jump = rows[findJump(rows)];
      if (jump === undefined) continue;
      throw inputError(
        "other_scale",
        `${where}: from ${toIso(jump.at as EpochMs)} on, prices of ${jump.low} to ${jump.high}, are more than ${OTHER_SCALE} times those of the rows before, or less than a fifth.`,
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
/** Prices nearer to 1 hide a change of unit: volumes change as much by themselves. */
const TELLING_PRICE = 100;
const ABOUT = 3;

/** Base volume times the price is quote volume: where all volumes change by the price at once, the unit did. */
function refuseOtherUnit(where: string, own: readonly Stretch[]): void {
  const known = own.flatMap(({ volume, ...stretch }) => (volume === null ? [] : [{ ...stretch, volume }]));
  const sides = known.flatMap((_, at) =>
    SIDES.map(([b, a]) => [known.slice(Math.max(0, at - b), at), known.slice(at, at + a)] as const).filter(
      ([before, after], i) => before.length >= SIDES[i][0] && after.length >= SIDES[i][1],
    ),
  );
  for (const [before, after] of sides) {
    const { line, text } = after[0];
    const price = Math.sqrt(after[0].low * after[0].high);
    if (Math.max(price, 1 / price) < TELLING_PRICE) continue;
    const [a, b] = [before, after].map((side) => side.map(({ volume }) => volume).sort((x, y) => x - y));
    const apart = a[a.length - 1] * OTHER_SCALE < b[0] || b[b.length - 1] * OTHER_SCALE < a[0];
    const times = middle(b) / middle(a);
    const isPrice = [price, 1 / price].some((factor) => times < factor * ABOUT && times * ABOUT > factor);
    if (!apart || !isPrice) continue;
    throw inputError(
      "volume_conflict",
      `${where}, about line ${line}: "${shortened(text)}": from here on volumes are ${times < 1 ? "1/" : ""}${Math.round(Math.max(times, 1 / times))} of those before, and the price is ${price.toPrecision(3)}: the column changes from one currency of the pair to the other.`,
      "Give the rows of each unit a file of their own. To take the file all the same, name the column: --volume COLUMN.",
    );
  }
}

function middle(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1];
}
