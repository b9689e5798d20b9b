import type { Market } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { type Evidence, ofRows } from "./evidence.ts";
import type { VolumeColumn } from "./volumeName.ts";

/** A row of the sample: its prices, and its cells as they are in the file. */
export interface SampleRow {
  line: number;
  text: string;
  cells: readonly string[];
  low: number;
  high: number;
}

export interface VolumeQuestion {
  /** The file, for messages. */
  where: string;
  columns: readonly VolumeColumn[];
  /** Places of the columns that hold neither a time, a price, a count of trades nor a market. */
  places: readonly number[];
  rows: readonly SampleRow[];
  market: Market | null;
  /** The column that `--volume` names, or null. */
  stated: number | null;
  /** What names the columns: `--columns`, the header, their number. */
  by: string;
  number(cell: string): number;
}

/** The column of base volume. */
export interface ChosenVolume {
  place: number;
  /** The column of quote volume that proves it, where one does. */
  quote: number | null;
  evidence: Evidence;
}

/** Rows that prove something when they agree, and rows that refute a name when they don't. */
const PROVING_ROWS = 3;
const REFUTING_ROWS = 5;
const NEARLY_ALL = 0.99;
/** Torn rows leave a name without proof; a smaller share than this, or rows with the columns exchanged, refutes it. */
const MOST = 0.95;

/**
 * Which column is the volume in units of the base currency.
 *
 * Quote volume ÷ base volume is a mean price: where it lies between low and high in nearly every row, that proves which
 * of two columns is which (identity.md). A statement or a name that contradicts the proof refuses the file.
 * @returns its place, with the evidence
 * @throws CandlebookError `ambiguous_volume`, `volume_conflict`, `contract_volume`
 */
export function chooseVolume(question: VolumeQuestion): ChosenVolume {
  const columns = withoutCopies(question);
  const proof = proveVolume(question, columns);
  const chosen = choose(question, columns, proof);
  return { ...chosen, quote: proof?.base === chosen.place ? proof.quote : null };
}

function choose(
  question: VolumeQuestion,
  columns: readonly VolumeColumn[],
  proof: Proof | null,
): Omit<ChosenVolume, "quote"> {
  if (question.stated !== null) return checkStated(question, question.stated, proof);
  if (proof !== null) return checkProven(question, proof);
  const named = columns.filter(({ unit }) => unit === "base");
  const plain = columns.filter(({ unit }) => unit === "unnamed");
  const vague = columns.filter(({ unit }) => unit === "vague");
  const alone = plain.length === 1 && vague.length === 0 ? plain : [];
  const [chosen, ...others] = named.length > 0 ? named : alone;
  if (chosen === undefined || others.length > 0) throw ambiguous(question);
  refuseUnproven(question, columns, chosen);
  if (isEmpty(question, chosen.place) || isPrice(question, chosen.place)) throw ambiguous(question);
  const money = moneyBy(question, chosen.place);
  if (money !== null) throw conflict(question, nameOf(question, chosen.place), money);
  const coins = coinsBy(question, chosen.place);
  if (coins !== null) return answer(question, chosen.place, "shown", coins.by);
  if (named.length > 0 || question.by === "--columns")
    return answer(question, chosen.place, "stated", question.by);
  const beside = question.columns.filter(({ place }) => place !== chosen.place).map(({ name }) => name);
  const by =
    beside.length === 0
      ? "it is the only column of volume"
      : `no other column is plain volume: ${beside.join(", ")}`;
  return answer(question, chosen.place, "assumed", by);
}

interface Proof {
  base: number;
  /** null: contracts of a number of dollars beside the coin. */
  quote: number | null;
  by: string;
}

function checkStated(question: VolumeQuestion, place: number, found: Proof | null) {
  const unit = question.columns.find((column) => column.place === place)?.unit;
  const proof = found?.base === place ? found : coinsBy(question, place);
  if (proof !== null) return answer(question, place, "stated", `--volume; ${proof.by}`);
  const money = found?.quote === place ? found : moneyBy(question, place);
  if (money !== null) throw conflict(question, `--volume names column ${place + 1}`, money);
  if (unit === "quote" || unit === "contracts") {
    throw inputError(
      "volume_conflict",
      `${question.where}: ${lineShown(question)} --volume names column ${place + 1}, but ${nameOf(question, place)}, ${unit === "quote" ? "volume in the quote currency" : "a number of contracts"}, and no column proves otherwise.`,
      "Name the column of base volume: --volume COLUMN; or correct the header.",
    );
  }
  return answer(question, place, "stated", "--volume");
}

function checkProven(question: VolumeQuestion, proof: Proof) {
  const { columns, market } = question;
  const contradicted =
    columns.find(({ place, unit }) => place === proof.base && (unit === "quote" || unit === "contracts")) ??
    columns.find(({ place, unit }) => place === proof.quote && unit === "base");
  const ofContracts = proof.quote === null && market !== null && market.kind !== "spot";
  if (contradicted !== undefined && !ofContracts)
    throw conflict(question, nameOf(question, contradicted.place), proof);
  return answer(question, proof.base, "shown", proof.by);
}

/** The columns that can be a candle's volume, without those that repeat another one of the same unit in every row. */
function withoutCopies({ columns, rows }: VolumeQuestion): VolumeColumn[] {
  const candidates = columns.filter(({ unit }) => unit !== "qualified");
  const isOpen = (column: VolumeColumn) => column.unit === "unnamed" || column.unit === "vague";
  const repeats = (column: VolumeColumn, other: VolumeColumn) =>
    rows.length > 0 &&
    (column.unit === other.unit || (isOpen(column) && (isOpen(other) || other.unit === "base"))) &&
    rows.every(({ cells }) => cells[column.place] === cells[other.place]);
  return candidates.filter(
    (column, i) =>
      !candidates.some((other, k) => k !== i && repeats(column, other) && (k < i || !repeats(other, column))),
  );
}

function proveVolume(question: VolumeQuestion, columns: readonly VolumeColumn[]): Proof | null {
  const places = columns.map(({ place }) => place);
  const fitting = places.flatMap((base) => places.flatMap((quote) => proofOf(question, base, quote) ?? []));
  const bases = new Set(fitting.map(({ base }) => base));
  const whole = fitting.filter(({ base }) => [...bases].every((other) => isWhole(question, base, other)));
  const isOne = whole.length > 0 && whole.every(({ base }) => base === whole[0].base);
  if (isOne && fitting.every(({ quote }) => !bases.has(quote as number))) return whole[0];
  return bases.size === 0 ? proveContracts(question, columns) : null;
}

function proofOf(question: VolumeQuestion, base: number, quote: number): Proof | null {
  if (base === quote) return null;
  const fit = priceFit(question, base, quote);
  if (fit.of < PROVING_ROWS || !isNearlyAll(fit)) return null;
  const by = `column ${quote + 1} ÷ column ${base + 1} lies between low and high in ${ofRows(fit.fits, fit.of)}`;
  return { base, quote, by };
}

/** What proves that a column counts money: another one, whatever its name, that holds the coins. */
function moneyBy(question: VolumeQuestion, place: number): Proof | null {
  if (coinsBy(question, place) !== null) return null;
  return first(question.places, (base) => proofOf(question, base, place));
}

/** What proves that a column counts coins: another one, whatever its name, that holds the money. */
function coinsBy(question: VolumeQuestion, place: number): Proof | null {
  return first(question.places, (quote) => proofOf(question, place, quote));
}

function first(places: readonly number[], proof: (place: number) => Proof | null): Proof | null {
  for (const place of places) {
    const found = proof(place);
    if (found !== null) return found;
  }
  return null;
}

/** Whether a column is nowhere less than another: one side of the trades is a part of their volume. */
function isWhole({ rows, number }: VolumeQuestion, place: number, part: number): boolean {
  return rows.every(({ cells }) => !(number(cells[place] ?? "") < number(cells[part] ?? "")));
}

interface Fit {
  fits: number;
  of: number;
  /** Rows that fit with the two columns exchanged, and as they are do not. */
  exchanged: number;
}

function isNearlyAll({ fits, of, exchanged }: Fit): boolean {
  return fits >= of * NEARLY_ALL && exchanged === 0;
}

/** Prices within this of 1 are too near to it to distinguish two columns. */
const FAR_FROM_ONE = 2;
const SLACK = 1e-6;

/** In how many rows with trades quote ÷ base, give or take what rounding hides, lies between low and high. */
function priceFit({ rows, number }: VolumeQuestion, base: number, quote: number): Fit {
  const fit: Fit = { fits: 0, of: 0, exchanged: 0 };
  for (const row of rows) {
    const fits = fitsPrice(row, base, quote, number);
    if (fits === null) continue;
    fit.of += 1;
    const isFar = row.low > FAR_FROM_ONE || row.high < 1 / FAR_FROM_ONE;
    if (fits) fit.fits += 1;
    else if (isFar && fitsPrice(row, quote, base, number)) fit.exchanged += 1;
  }
  return fit;
}

/** Whether a row's quote ÷ base lies between low and high; null where one of them is not above 0: some files fill a column with zeros. */
export function fitsPrice(
  { cells, low, high }: Pick<SampleRow, "cells" | "low" | "high">,
  base: number,
  quote: number,
  number: (cell: string) => number,
): boolean | null {
  const [b, q] = [number(cells[base] ?? ""), number(cells[quote] ?? "")];
  if (!(b > 0 && q > 0)) return null;
  const [from, to] = [low * (1 - SLACK), high * (1 + SLACK)];
  if (q >= from * b && q <= to * b) return true;
  const [db, dq] = [roundingOf(cells[base]), roundingOf(cells[quote])];
  return q + dq >= from * (b - db) && q - dq <= to * (b + db);
}

/** Half a unit of a number's last digit. */
function roundingOf(cell: string): number {
  const digits = /[.,](\d*)$/.exec(cell)?.[1].length ?? 0;
  return 0.5 * 10 ** -digits;
}

const DOLLARS_OF_A_CONTRACT = [1, 10, 100, 1000];

/**
 * Contracts of a fixed number of dollars beside the coin: coin × price ÷ contracts is that number in nearly every row
 * (Binance's COIN-M: 100 of BTC, 10 of others).
 */
function proveContracts(question: VolumeQuestion, columns: readonly VolumeColumn[]): Proof | null {
  const { rows, number, market } = question;
  if (market === null || market.kind === "spot") return null;
  const others = (contracts: VolumeColumn) => columns.filter((coin) => coin !== contracts);
  const cases = columns.flatMap((contracts) =>
    others(contracts).flatMap((coin) => DOLLARS_OF_A_CONTRACT.map((size) => ({ contracts, coin, size }))),
  );
  for (const { contracts, coin, size } of cases) {
    const traded = rows.filter(({ cells }) => number(cells[contracts.place] ?? "") > 0);
    const fits = traded.filter(({ cells, low, high }) => {
      const [c, b] = [number(cells[contracts.place]) * size, number(cells[coin.place] ?? "")];
      const [dc, db] = [size * roundingOf(cells[contracts.place]), roundingOf(cells[coin.place] ?? "")];
      return (b + db) * high >= c - dc && (b - db) * low <= c + dc;
    }).length;
    if (traded.length < PROVING_ROWS || fits < traded.length * NEARLY_ALL) continue;
    const by = `column ${contracts.place + 1} holds contracts of ${size} dollars: coin × price fits in ${ofRows(fits, traded.length)}`;
    return { base: coin.place, quote: null, by };
  }
  return null;
}

/** Where a column of the other unit is beside it and the two don't give a price, a name alone is not believed. */
function refuseUnproven(
  question: VolumeQuestion,
  columns: readonly VolumeColumn[],
  chosen: VolumeColumn,
): void {
  const { market } = question;
  const derivative = market !== null && market.kind !== "spot";
  // Beside a column of coins, a future's plain volume counts contracts.
  const ofCoins = chosen.unit === "base";
  const beside = columns.filter(
    ({ unit }) =>
      unit === "quote" || (derivative ? !ofCoins && unit === "contracts" : ofCoins && unit !== "contracts"),
  );
  for (const other of beside.filter(({ place }) => place !== chosen.place)) {
    const fit = priceFit(question, chosen.place, other.place);
    const reverse = priceFit(question, other.place, chosen.place);
    // Prices near 1 fit both ways: then nothing is proven, and nothing contradicted.
    const isRefuted = fit.of >= REFUTING_ROWS && fit.fits < fit.of * MOST && reverse.fits < reverse.of;
    if (!isRefuted && fit.exchanged === 0) continue;
    if (derivative) throw contract(question, chosen);
    const exchanged = fit.exchanged === 0 ? "" : `; in ${fit.exchanged} the two are exchanged`;
    throw inputError(
      "volume_conflict",
      `${question.where}: ${lineShown(question)} column ${chosen.place + 1} (${chosen.name}) would be the base volume, but column ${other.place + 1} (${other.name}) ÷ it lies between low and high in ${ofRows(fit.fits, fit.of)} only${exchanged}.`,
      "Name the column of base volume: --volume COLUMN.",
    );
  }
  if (
    derivative &&
    chosen.unit !== "base" &&
    coinsBy(question, chosen.place) === null &&
    canBeContracts(question, chosen)
  )
    throw contract(question, chosen);
}

/** Numbers of contracts are whole, or of one decimal; of coins, not all are. OKX and others that say `swap` count contracts. */
function canBeContracts({ rows, number, market, where }: VolumeQuestion, { place }: VolumeColumn): boolean {
  if (market?.quote === "USD") return true;
  if (/(^|[^a-z])swap([^a-z]|$)/i.test(`${where} ${rows[0]?.text}`)) return true;
  const traded = rows.map(({ cells }) => number(cells[place] ?? "")).filter((volume) => volume > 0);
  return (
    traded.length >= REFUTING_ROWS &&
    traded.every((volume) => Math.abs(volume * 10 - Math.round(volume * 10)) < 1e-6)
  );
}

/** Whether a column is 0 in every row, and another one of volume is not. */
function isEmpty({ columns, rows, number }: VolumeQuestion, place: number): boolean {
  const hasAny = (at: number) => rows.some(({ cells }) => number(cells[at] ?? "") > 0);
  return !hasAny(place) && columns.some((other) => hasAny(other.place));
}

/** A volume that lies between low and high in nearly every row is a mean price. */
function isPrice({ rows, number }: VolumeQuestion, place: number): boolean {
  // A row of one price, or of prices far apart, proves nothing.
  const moving = rows.filter(({ low, high }) => low < high && high < 2 * low);
  const inside = moving.filter(({ cells, low, high }) => {
    const value = number(cells[place] ?? "");
    return value >= low && value <= high;
  });
  return moving.length >= 20 && inside.length >= moving.length * NEARLY_ALL;
}

function answer({ columns, market }: VolumeQuestion, place: number, grade: Evidence["grade"], by: string) {
  const name = columns.find((column) => column.place === place)?.name;
  const unit = market?.base ?? "base currency";
  const shown = `column ${place + 1}${name === undefined ? "" : ` (${name})`}, in ${unit}`;
  return { place, evidence: { question: "volume" as const, answer: shown, grade, by } };
}

function lineShown({ rows }: VolumeQuestion): string {
  const [row] = rows;
  return row === undefined ? "" : `line ${row.line} is "${row.text.slice(0, 120)}";`;
}

function nameOf({ columns, by }: VolumeQuestion, place: number): string {
  return `column ${place + 1} is called ${columns.find((column) => column.place === place)?.name}${by === "the header" ? "" : ` by ${by}`}`;
}

function conflict(question: VolumeQuestion, statement: string, { base, by }: Proof) {
  return inputError(
    "volume_conflict",
    `${question.where}: ${lineShown(question)} ${statement}, but ${by}: the coins are in column ${base + 1}.`,
    `Name the column of base volume, here --volume ${base + 1}, or correct the header.`,
  );
}

function contract(question: VolumeQuestion, chosen: VolumeColumn) {
  return inputError(
    "contract_volume",
    `${question.where}: ${lineShown(question)} column ${chosen.place + 1} (${chosen.name}) of a future can be a number of contracts, and no column of coins is beside it that the prices prove.`,
    "Name the column of base volume: --volume COLUMN.",
  );
}

function ambiguous(question: VolumeQuestion) {
  const unitOf = { quote: ", the quote currency", contracts: ", contracts" } as Record<string, string>;
  const names = question.columns
    .map(({ name, place, unit }) => `${name} (column ${place + 1}${unitOf[unit] ?? ""})`)
    .join(", ");
  if (names === "") {
    return inputError(
      "ambiguous_volume",
      `${question.where}: ${lineShown(question)} no column is named as a volume, and a candle has one.`,
      "Take a file with volumes; if a column of this one holds them: --volume COLUMN, its name or its number counted from 1.",
    );
  }
  return inputError(
    "ambiguous_volume",
    `${question.where}: ${lineShown(question)} found ${names}: none is proven to be the volume in ${question.market?.base ?? "the base currency"}.`,
    "Name it: --volume COLUMN, its name or its number counted from 1.",
  );
}
