import type { Market } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { type Evidence, ofRows } from "./evidence.ts";
import type { VolumeColumn } from "./header.ts";

/** A row of the sample: its prices, and its cells as they stand. */
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
  rows: readonly SampleRow[];
  market: Market | null;
  /** The column that the person stated, or null. */
  stated: number | null;
  number(cell: string): number;
}

/** Rows that prove something when they agree, and rows that refute a name when they don't. */
const PROVING_ROWS = 3;
const REFUTING_ROWS = 5;
const NEARLY_ALL = 0.95;

/**
 * Which column is the volume in units of the base currency.
 *
 * Quote volume ÷ base volume is a mean price: where it lies between low and high in nearly every row, that proves which
 * of two columns is which (identity.md). A name that contradicts the proof refuses the file.
 * @returns its place, with the evidence
 * @throws CandlebookError `ambiguous_volume`, `volume_conflict`, `contract_volume`
 */
export function chooseVolume(asked: VolumeQuestion): { place: number; evidence: Evidence } {
  const question = { ...asked, columns: withoutCopies(asked) };
  const { columns, stated } = question;
  const proof = proveVolume(question);
  if (stated !== null) {
    if (proof !== null && proof.quote === stated) {
      throw conflict(question, `--volume names column ${stated + 1}`, proof, stated);
    }
    return answer(question, stated, "stated", proof?.base === stated ? `--volume; ${proof.by}` : "--volume");
  }
  const named = columns.filter(({ unit }) => unit === "base");
  const vague = columns.filter(({ unit }) => unit === "unnamed");
  if (proof !== null) {
    const contradicted =
      columns.find(({ place, unit }) => place === proof.base && (unit === "quote" || unit === "contracts")) ??
      columns.find(({ place, unit }) => place === proof.quote && unit === "base");
    if (contradicted !== undefined && !isContract(question, proof)) {
      throw conflict(
        question,
        `column ${contradicted.place + 1} is called ${contradicted.name}`,
        proof,
        contradicted.place,
      );
    }
    return answer(question, proof.base, "shown", proof.by);
  }
  if (named.length === 1) {
    refuseUnproven(question, named[0]);
    return answer(question, named[0].place, "stated", "the header");
  }
  if (named.length > 1 || vague.length !== 1) throw ambiguous(question);
  refuseUnproven(question, vague[0]);
  if (isPrice(question, vague[0].place)) throw ambiguous(question);
  return answer(question, vague[0].place, "assumed", "it is the only column of volume");
}

/** The columns without those that repeat another one in every row. */
function withoutCopies({ columns, rows }: VolumeQuestion): VolumeColumn[] {
  return columns.filter(
    ({ place }, i) =>
      rows.length === 0 ||
      !columns.slice(0, i).some((other) => rows.every(({ cells }) => cells[place] === cells[other.place])),
  );
}

interface Proof {
  base: number;
  quote: number | null;
  by: string;
}

function isContract({ market }: VolumeQuestion, proof: Proof): boolean {
  return proof.quote === null && market !== null && market.kind !== "spot";
}

function proveVolume(question: VolumeQuestion): Proof | null {
  const { columns } = question;
  const pairs = columns.flatMap((base) =>
    columns.filter((quote) => quote !== base).map((quote) => ({ base: base.place, quote: quote.place })),
  );
  const fitting = pairs.flatMap(({ base, quote }) => {
    const { fits, of } = priceFit(question, base, quote);
    return of >= PROVING_ROWS && fits >= of * NEARLY_ALL ? [{ base, quote, fits, of }] : [];
  });
  const bases = new Set(fitting.map(({ base }) => base));
  const whole = fitting.filter(({ base }) => [...bases].every((other) => isWhole(question, base, other)));
  if (
    whole.length > 0 &&
    whole.every(({ base }) => base === whole[0].base) &&
    fitting.every(({ quote }) => !bases.has(quote))
  ) {
    const { base, quote, fits, of } = whole[0];
    const by = `column ${quote + 1} ÷ column ${base + 1} lies between low and high in ${ofRows(fits, of)}`;
    return { base, quote, by };
  }
  return bases.size === 0 ? proveContracts(question) : null;
}

/** Whether a column is nowhere less than another: one side of the trades is a part of their volume. */
function isWhole({ rows, number }: VolumeQuestion, place: number, part: number): boolean {
  return rows.every(({ cells }) => !(number(cells[place] ?? "") < number(cells[part] ?? "")));
}

/** In how many rows with trades quote ÷ base, give or take what rounding hides, lies between low and high. */
function priceFit(
  { rows, number }: VolumeQuestion,
  base: number,
  quote: number,
): { fits: number; of: number } {
  let [fits, of] = [0, 0];
  for (const { cells, low, high } of rows) {
    const [b, q] = [number(cells[base] ?? ""), number(cells[quote] ?? "")];
    // Some files fill a column that they do not have with zeros.
    if (!(b > 0 && q > 0)) continue;
    of += 1;
    const [db, dq] = [roundingOf(cells[base]), roundingOf(cells[quote])];
    const slack = 1e-6;
    if (q + dq >= low * (b - db) * (1 - slack) && q - dq <= high * (b + db) * (1 + slack)) fits += 1;
  }
  return { fits, of };
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
function proveContracts({ columns, rows, number, market }: VolumeQuestion): Proof | null {
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

/** Where a column of the other unit stands beside it and the two don't give a price, a name alone is not believed. */
function refuseUnproven(question: VolumeQuestion, chosen: VolumeColumn): void {
  const { columns, market } = question;
  const derivative = market !== null && market.kind !== "spot";
  for (const other of columns.filter(({ unit }) => unit === "quote" || unit === "contracts")) {
    const fit = priceFit(question, chosen.place, other.place);
    const reverse = priceFit(question, other.place, chosen.place);
    // Prices near 1 fit both ways: then nothing is proven, and nothing contradicted.
    if (fit.of < REFUTING_ROWS || fit.fits >= fit.of * NEARLY_ALL || reverse.fits === reverse.of) continue;
    if (derivative) throw contract(question, chosen);
    throw inputError(
      "volume_conflict",
      `${question.where}: ${lineShown(question)} column ${chosen.place + 1} (${chosen.name}) would be the base volume, but column ${other.place + 1} (${other.name}) ÷ it lies between low and high in ${ofRows(fit.fits, fit.of)} only.`,
      "Name the column of base volume: --volume COLUMN.",
    );
  }
  const inDollars = derivative && market.quote === "USD";
  if (derivative && chosen.unit !== "base" && (inDollars || isCount(question, chosen.place)))
    throw contract(question, chosen);
}

/** Numbers of contracts are whole; of coins, not all are. */
function isCount({ rows, number }: VolumeQuestion, place: number): boolean {
  const traded = rows.map(({ cells }) => number(cells[place] ?? "")).filter((volume) => volume > 0);
  return traded.length >= REFUTING_ROWS && traded.every(Number.isInteger);
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

function conflict(question: VolumeQuestion, statement: string, proof: Proof, place: number) {
  return inputError(
    "volume_conflict",
    `${question.where}: ${lineShown(question)} ${statement}, but ${proof.by}: column ${place + 1} is not what it is called.`,
    `Name the column of base volume, here --volume ${proof.base + 1}, or correct the header.`,
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
  const names = question.columns.map(({ name, place }) => `${name} (column ${place + 1})`).join(", ");
  if (names === "") {
    return inputError(
      "ambiguous_volume",
      `${question.where}: ${lineShown(question)} no column is named as a volume, and a candle has one.`,
      "Take a file with volumes; if a column of this one holds them: --volume COLUMN, its name or its number counted from 1.",
    );
  }
  return inputError(
    "ambiguous_volume",
    `${question.where}: ${lineShown(question)} found ${names}: none is proven to be the volume in the base currency.`,
    "Name it: --volume COLUMN, its name or its number counted from 1.",
  );
}
