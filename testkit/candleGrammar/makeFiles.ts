import type { Dice } from "./dice.ts";
import { makeParts, type Part } from "./parts.ts";
import type { Plan } from "./plan.ts";
import { openQuestions } from "./questions.ts";
import type { FullCandle } from "./series.ts";
import type { CaseFile, Reading, Truth, TruthCandle } from "./types.ts";
import { fileBytes, isUnknown, type Row } from "./write.ts";

/** Writes the files of a plan, with the truth of all of them together. */
export function makeFiles(plan: Plan, dice: Dice): { files: CaseFile[]; truth: Truth } {
  const parts = makeParts(plan, dice);
  const written = parts.map((part) => ({ part, rows: damagedRows(part, dice) }));
  const files = written.map(({ part, rows }) => caseFile(part, rows, dice));
  const read = written.map(({ part, rows }) => readRows(part.plan, rows));
  openQuestions(plan, parts[0].candles, read[0].candles.length);
  return { files, truth: truthOf(plan, read) };
}

function damagedRows({ plan, candles }: Part, dice: Dice): Row[] {
  const rows: Row[] = candles.map((candle) => ({ candle }));
  if (plan.descending) rows.reverse();
  if (plan.damage === undefined) return rows;
  const { kind } = plan.damage;
  // A form without header is known by its first row, which is a whole one.
  const able = rows.slice(1, -1).filter(({ candle }) => candle.high > candle.low);
  const chosen = kind === "torn" ? rows.slice(-1) : dice.shuffled(able);
  const markets = plan.other === undefined ? 1 : 2;
  for (const row of chosen.slice(0, plan.damage.rows(rows.length / markets))) row.damage = kind;
  return rows;
}

function caseFile({ plan, date }: Part, rows: readonly Row[], dice: Dice): CaseFile {
  const name = `${plan.stem}${plan.nameInterval}${date}`;
  const ending = { plain: ".csv", gz: ".csv.gz", zip: ".zip", "untidy zip": ".zip", "empty zip": ".zip" };
  const reading: Reading = { ...plan.reading };
  return {
    name: name + ending[plan.container],
    bytes: fileBytes(plan, rows, `${name}.csv`, dice),
    symbol: plan.option?.text,
    reading: Object.keys(reading).length === 0 ? undefined : reading,
  };
}

interface ReadRows {
  candles: TruthCandle[];
  rejected: number;
  maybeRejected: number;
}

function readRows(plan: Plan, rows: readonly Row[]): ReadRows {
  const sound = plan.time.lossy
    ? []
    : rows.filter(({ damage }) => damage === undefined || damage === "blank");
  const column = plan.columns.some(({ field }) => field === "symbol");
  const kept = sound.filter(({ candle }) => {
    return !column || plan.option === undefined || candle.market.symbol === plan.option.symbol;
  });
  const perhaps = [plan.headerAgain === "same", plan.preamble !== undefined, plan.headerIsStrange];
  return {
    candles: kept.map(({ candle }) => truthCandle(plan, candle)),
    rejected: rows.length - kept.length,
    maybeRejected: perhaps.filter(Boolean).length,
  };
}

function truthCandle(plan: Plan, candle: FullCandle): TruthCandle {
  const { openTime, open, high, low, close, base, trades } = candle;
  const counted = plan.columns.some(({ field }) => field === "trades");
  const unknown = !counted || (plan.unknownTrades.length > 0 && isUnknown(trades));
  const symbol = plan.option?.symbol ?? candle.market.symbol;
  return { symbol, openTime, open, high, low, close, volume: base, trades: unknown ? null : trades };
}

/** Refusals that are of two files together. */
const JOINT = new Set(["conflicting_files", "other_scale"]);

function truthOf(plan: Plan, read: readonly ReadRows[]): Truth {
  const candles = read.flatMap((file) => file.candles);
  const sum = (count: (file: ReadRows) => number) => read.reduce((total, file) => total + count(file), 0);
  const rejected = sum((file) => file.rejected);
  const maybeRejected = sum((file) => file.maybeRejected);
  const codes = [...plan.must, ...plan.may].sort();
  if (codes.length === 0) return { kind: "read", candles, rejected, maybeRejected };
  const ownForm = [...plan.must].some((code) => !JOINT.has(code));
  // A file whose form is refused gives nothing; the other file may be read.
  const others = read.slice(plan.otherForm ? 1 : read.length).flatMap((file) => file.candles);
  const beside = read.length === 1 ? [] : ownForm ? others : candles;
  if (plan.must.size > 0) return { kind: "refused", codes, beside };
  return { kind: "either", candles, rejected, maybeRejected, codes, beside };
}
