import { has, type Plan } from "./plan.ts";
import type { FullCandle } from "./series.ts";
import { EXCEL } from "./times.ts";
import { priceText } from "./write.ts";

/** Adds the questions that follow from the whole of a file to those that its features left open. */
export function openQuestions(plan: Plan, candles: readonly FullCandle[], kept: number): void {
  if (kept === 0) plan.must.add("no_valid_rows");
  askSymbol(plan);
  askZone(plan);
  askDateOrder(plan, candles);
  askDecimal(plan, candles);
}

/** Two words with base and quote are as good as a name, where one chooses to believe them. */
function askSymbol(plan: Plan): void {
  if (has(plan, "symbol") || plan.option !== undefined || plan.nameSays === "market") return;
  const says = (word: RegExp) =>
    plan.header !== "none" && plan.columns.some((column) => word.test(column.word));
  const told = says(/\{base\}/i) && (plan.nameSays === "base" || says(/\{quote\}/i));
  (told ? plan.may : plan.must).add("no_symbol");
}

/** The days of a spreadsheet are usually read as UTC; a text without zone is not. */
function askZone(plan: Plan): void {
  if (!plan.time.local || plan.reading.zone !== undefined) return;
  (plan.time === EXCEL ? plan.may : plan.must).add("no_time_zone");
}

function askDateOrder(plan: Plan, candles: readonly FullCandle[]): void {
  const { order, yearFirst } = plan.time;
  if (order === undefined || plan.reading.dateOrder !== undefined) return;
  const shown = candles.some(({ openTime }) => new Date(openTime + plan.aheadMs).getUTCDate() > 12);
  (shown || yearFirst ? plan.may : plan.must).add("ambiguous_date");
}

/** `60.001` and `60,001`: sixty, or sixty thousand. */
const EITHER_MARK = /^[1-9]\d{0,2}[.,]\d{3}$/;

function askDecimal(plan: Plan, candles: readonly FullCandle[]): void {
  if (plan.reading.decimal !== undefined) return;
  const prices = candles.flatMap((candle) =>
    (["open", "high", "low", "close"] as const).map((field) => priceText(plan, candle, field)),
  );
  const commas = prices.some((text) => text.includes(","));
  const open = commas || plan.delimiter === ";";
  if (open && prices.every((text) => EITHER_MARK.test(text))) plan.must.add("ambiguous_decimal");
  else if (commas || (open && prices.every((text) => /\.\d{3}$/.test(text)))) {
    plan.may.add("ambiguous_decimal");
  }
}
