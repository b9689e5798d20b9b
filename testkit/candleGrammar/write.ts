import { gzipSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import type { Dice } from "./dice.ts";
import { nameOf } from "./intervals.ts";
import type { Column, Damage, Field, Plan } from "./plan.ts";
import { BASE_DIGITS, type FullCandle, QUOTE_DIGITS } from "./series.ts";

/** A row of the file, with what is wrong with it. */
export interface Row {
  candle: FullCandle;
  damage?: Damage;
}

const OFF_GRID_MS = 7_000;
/** Zips keep a time of change; this one is the same in every zone. */
const WRITTEN_AT = "2024-07-01T12:00:00";

/** The bytes of a file under the name that is inside its container. */
export function fileBytes(plan: Plan, rows: readonly Row[], inner: string, dice: Dice): Uint8Array {
  const bytes = strToU8(text(plan, rows, dice));
  const zip = (files: Record<string, Uint8Array>) => zipSync(files, { mtime: WRITTEN_AT });
  const readme = strToU8("Prices of one minute.\nThey are free, without warranty.\nTimes: see the header.\n");
  const finder = strToU8("\0\x05\x16\x07\0\x02\0\0Mac OS X        ");
  if (plan.container === "gz") return gzipSync(bytes);
  if (plan.container === "zip") return zip({ [inner]: bytes });
  if (plan.container === "empty zip") return zip({ "README.txt": readme });
  if (plan.container !== "untidy zip") return bytes;
  return zip({
    "README.txt": readme,
    [`__MACOSX/._${inner}`]: finder,
    [`._${inner}`]: finder,
    [inner]: bytes,
  });
}

function text(plan: Plan, rows: readonly Row[], dice: Dice): string {
  const middle = Math.floor(rows.length / 2);
  const later = plan.headerAgain === "other order" ? exchanged(plan) : plan;
  const lines = rows.flatMap((row, i) => {
    const form = i < middle ? plan : later;
    const again = plan.headerAgain !== undefined && i === middle;
    return [...(again ? [headerLine(form)] : []), ...rowLines(form, row, dice)];
  });
  if (plan.header !== "none") lines.unshift(headerLine(plan));
  if (plan.preamble !== undefined) lines.unshift(plan.preamble);
  return `${plan.bom ? "\uFEFF" : ""}${lines.join(plan.ending)}${plan.ending}`;
}

function headerLine(plan: Plan): string {
  const { base, quote } = plan.market;
  const named = plan.columns.map(({ word }) =>
    word
      .replace("{BASE}", base)
      .replace("{QUOTE}", quote)
      .replace("{base}", base.toLowerCase())
      .replace("{quote}", quote.toLowerCase()),
  );
  const cells = plan.header === "quoted" ? named.map((word) => `"${word}"`) : named;
  return cells.join(plan.delimiter) + (plan.trailing === "both" ? plan.delimiter : "");
}

/** The same file with the columns of open and close in each other's place. */
function exchanged(plan: Plan): Plan {
  const other = (field: Field) => plan.columns.find((column) => column.field === field) as Column;
  const columns = plan.columns.map((column) => {
    if (column.field === "open") return other("close");
    return column.field === "close" ? other("open") : column;
  });
  return { ...plan, columns };
}

function rowLines(plan: Plan, row: Row, dice: Dice): string[] {
  const cells = plan.columns.map(({ field }) => cell(plan, row, field, dice));
  const quoted = cells.map((value) => {
    const needed = plan.quotedCells || value.includes(plan.delimiter);
    return needed ? `"${value}"` : value;
  });
  if (row.damage === "torn") return [quoted.slice(0, 3).join(plan.delimiter)];
  const line = quoted.join(plan.delimiter) + (plan.trailing === "none" ? "" : plan.delimiter);
  return row.damage === "blank" ? ["", line] : [line];
}

const MEASURES: readonly Field[] = ["open", "high", "low", "close", "base", "quote", "vwap"];

function cell(plan: Plan, { candle, damage }: Row, field: Field, dice: Dice): string {
  if (damage === "nan" && MEASURES.includes(field)) return "NaN";
  if (damage === "swapped" && field === "high") return cell(plan, { candle }, "low", dice);
  if (damage === "swapped" && field === "low") return cell(plan, { candle }, "high", dice);
  const shift = damage === "offGrid" ? OFF_GRID_MS : 0;
  const open = candle.openTime + shift;
  switch (field) {
    case "time":
      return timeText(plan, plan.time.write(open + (plan.time.local ? plan.aheadMs : 0)));
    case "closeTime":
      return timeText(plan, endText(plan, open + candle.length - 1));
    case "day":
    case "clock":
      return plan.time.write(open + plan.aheadMs).split(" ")[field === "day" ? 0 : 1];
    case "wall":
      return new Date(open).toISOString().slice(0, 19).replace("T", " ");
    case "symbol":
      return plan.spell(candle.market);
    case "interval":
      return plan.intervalText ?? nameOf(candle.length);
    case "trades":
      return tradesText(plan, candle.trades, dice);
    case "one":
      return "1";
    case "zero":
      return "0";
    case "id":
      return String(3_000_000_000 + (candle.openTime % 1e9) / 1_000 + candle.trades);
    default:
      return measureText(plan, candle, field, dice);
  }
}

function endText(plan: Plan, end: number): string {
  const { local, writeEnd, write } = plan.time;
  return (writeEnd ?? write)(end + (local ? plan.aheadMs : 0));
}

function timeText(plan: Plan, value: string): string {
  return plan.time.decimal ? value.replace(".", plan.numbers.mark) : value;
}

function tradesText(plan: Plan, trades: number, dice: Dice): string {
  if (plan.unknownTrades.length > 0 && isUnknown(trades)) return dice.pick(plan.unknownTrades);
  return plan.tradesDecimal ? `${trades}${plan.numbers.mark}0` : String(trades);
}

/** In a file with unknown counts, these are. */
export const isUnknown = (trades: number) => trades % 3 === 0;

export function priceText(plan: Plan, candle: FullCandle, field: "close" | "high" | "low" | "open"): string {
  return decimalText(plan, candle[field], candle.market.digits);
}

function measureText(plan: Plan, candle: FullCandle, field: Field, dice: Dice): string {
  const { market } = candle;
  switch (field) {
    case "average":
      return decimalText(plan, 20 + (candle.base + candle.trades) / 200, BASE_DIGITS);
    case "base":
    case "takerBase":
      return decimalText(plan, candle[field], BASE_DIGITS);
    case "contracts":
      return market.kind === "coin"
        ? decimalText(plan, candle.quote / 100, 0)
        : decimalText(plan, candle.base * 100, 3);
    case "noise":
      return decimalText(plan, dice.uniform(100, 900), 2);
    case "open":
    case "high":
    case "low":
    case "close":
      return priceText(plan, candle, field);
    case "quote":
    case "takerQuote":
    case "vwap":
      return decimalText(plan, candle[field], QUOTE_DIGITS);
    default:
      throw new Error(`A column of ${field} is no measure.`);
  }
}

function decimalText({ numbers: { mark, grouped } }: Plan, value: number, digits: number): string {
  const [whole, fraction] = value.toFixed(digits).split(".");
  const between = mark === "." ? "," : ".";
  const head = grouped ? whole.replaceAll(/\B(?=(\d{3})+$)/g, between) : whole;
  return fraction === undefined ? head : head + mark + fraction;
}
