import { AMOUNTS, type Amount, NO_AMOUNTS } from "../candle/candle.ts";
import { isUnknown } from "./cells.ts";
import type { Evidence } from "./evidence.ts";
import type { AmountPlaces } from "./form.ts";
import type { TakerPlaces } from "./header.ts";
import { fitsPrice, MOST, REFUTING_ROWS, type SampleRow } from "./volume.ts";
import type { VolumeColumn } from "./volumeName.ts";

export interface AmountQuestion {
  /** The place of the base volume, and of the column of quote volume that proves it, or null. */
  volume: number;
  proven: number | null;
  columns: readonly VolumeColumn[];
  takers: TakerPlaces;
  /** Whether every market of the file is a spot one: volumes of others can be contracts. */
  isSpot: boolean;
  rows: readonly SampleRow[];
  number(cell: string): number;
}

/**
 * Which columns hold a candle's quote volume and what takers bought. A column that is named so and that the rows
 * contradict is not read, and evidence says so; of a market other than a spot one the prices have to prove the volume.
 */
export function findAmounts(question: AmountQuestion): { places: AmountPlaces; evidence: Evidence[] } {
  const { proven, columns, volume, takers, isSpot } = question;
  if (!isSpot && proven === null) return { places: NO_AMOUNTS, evidence: [] };
  const named = columns.filter(({ unit, place }) => unit === "quote" && place !== volume);
  const wanted = {
    quoteVolume: proven ?? (named.length === 1 ? named[0].place : undefined),
    takerBase: takers.base,
    takerQuote: takers.quote,
  };
  const places: AmountPlaces = { ...NO_AMOUNTS };
  const evidence: Evidence[] = [];
  for (const amount of Object.keys(wanted) as Amount[]) {
    const place = wanted[amount];
    if (place === undefined) continue;
    const isRead = areAmounts(question, place) && fits(question, amount, place, places);
    if (isRead) places[amount] = place;
    evidence.push(evidenceOf(AMOUNTS[amount], place, { isRead, isShown: place === proven }));
  }
  return { places, evidence };
}

/** Whether a column fits the amounts that are known already. */
function fits(question: AmountQuestion, amount: Amount, place: number, known: AmountPlaces): boolean {
  const { volume } = question;
  if (amount === "quoteVolume") return !isOffPrice(question, volume, place);
  if (amount === "takerBase") return !isMore(question, place, volume);
  if (known.takerBase === null || known.quoteVolume === null) return false;
  return !isMore(question, place, known.quoteVolume) && !isOffPrice(question, known.takerBase, place);
}

function evidenceOf(
  name: string,
  column: number,
  { isRead, isShown }: { isRead: boolean; isShown: boolean },
): Evidence {
  const place = `column ${column + 1}`;
  if (!isRead) {
    const by = `the numbers in ${place} do not fit the volume and the prices`;
    return { question: "amounts", answer: `${name} is not read`, grade: "assumed", by };
  }
  const by = isShown ? "it proves the volume" : "its name, or the number of columns";
  return { question: "amounts", answer: `${name} ${place}`, grade: isShown ? "shown" : "stated", by };
}

/** Whether enough rows say something, and too few of them hold: one broken row is a broken row. */
function isRefuted(telling: readonly boolean[]): boolean {
  const fits = telling.filter(Boolean).length;
  return telling.length >= REFUTING_ROWS && fits < telling.length - 1 && fits < telling.length * MOST;
}

/** Whether a column holds numbers from 0 on, or nothing; a column of zeros beside a volume is not filled. */
function areAmounts({ rows, number, volume }: AmountQuestion, place: number): boolean {
  const above = (column: number) => rows.some(({ cells }) => number(cells[column] ?? "") > 0);
  if (above(volume) && !above(place)) return false;
  const right = rows.filter(({ cells: { [place]: cell = "" } }) => isUnknown(cell) || number(cell) >= 0);
  return right.length >= rows.length / 2;
}

/** Whether a column is more than the one that it is a part of, where that is above 0. */
function isMore({ rows, number }: AmountQuestion, part: number, whole: number): boolean {
  const pairs = rows.map(({ cells }) => [number(cells[part] ?? ""), number(cells[whole] ?? "")]);
  return isRefuted(pairs.filter(([, all]) => all > 0).map(([some, all]) => !(some > all)));
}

/** Whether quote ÷ base does not lie between low and high where there was a trade. */
function isOffPrice({ rows, number }: AmountQuestion, base: number, quote: number): boolean {
  return isRefuted(rows.flatMap((row) => fitsPrice(row, base, quote, number) ?? []));
}
