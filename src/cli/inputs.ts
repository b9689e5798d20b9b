import type { InputFile } from "../batch/files.ts";
import { marketOf, normalizeSymbol, parseSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { type Day, parseDay } from "../time/day.ts";
import { INTERVALS, type Interval, parseInterval } from "../time/interval.ts";
import type { CommonOptions } from "./shell.ts";
import { badValue } from "./terminal.ts";

/** Symbols from `BTCUSDT,ETHUSDT`; undefined without the option. */
export function symbolList(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : [...new Set(text.split(",").map(parseSymbol))];
}

/** Files from `PATH` or `BTCUSDT=PATH`. */
export function inputFiles(words: readonly string[]): InputFile[] {
  return words.map((word) => {
    const [, name = "", path] = /^([^=/\\.]+)=(.+)$/s.exec(word) ?? [];
    const symbol = statedSymbol(name);
    return symbol === null ? { path: word } : { symbol, path };
  });
}

/** A canonical symbol in capitals or not, or a pair in two words that ends in a known currency: `BTC-USDT`. */
function statedSymbol(text: string): string | null {
  const symbol = normalizeSymbol(text);
  if (symbol === null) return null;
  const isCanonical = symbol === text.normalize("NFC").toUpperCase();
  return isCanonical || marketOf(symbol).quote !== null ? symbol : null;
}

/** The days of `--from` and `--to`. @throws CandlebookError `bad_option` */
export function dayRange(options: { from?: string; to?: string }): { from?: Day; to?: Day } {
  const [from, to] = [dayOption("--from", options.from), dayOption("--to", options.to)];
  if (from === undefined || to === undefined || from <= to) return { from, to };
  throw inputError(
    "bad_option",
    `--from is ${from} and --to is ${to}: the range ends before it begins.`,
    `Exchange them: --from ${to} --to ${from}.`,
  );
}

/**
 * Refuses options that change nothing beside the others; the settings file may have values for other commands.
 * @param names attributes of options: `archiveUrl` of `--archive-url`
 * @throws CandlebookError `bad_option`
 */
export function refuseWithout<Options extends CommonOptions>(
  need: string,
  options: Options,
  names: readonly (keyof Options & string)[],
): void {
  const idle = names
    .filter((name) => options[name] !== undefined && !options.configured?.includes(name))
    .map(flagOf);
  if (idle.length === 0) return;
  const [verb, pronoun] = idle.length === 1 ? ["has", "it"] : ["have", "them"];
  throw inputError(
    "bad_option",
    `${idle.join(" and ")} ${verb} no effect here: ${need}.`,
    `Omit ${pronoun}, or change the rest of the command.`,
  );
}

/** An option as it is typed: `--archive-url` of `archiveUrl`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}`;

/** A UTC day from an option; undefined without the option. @throws CandlebookError `bad_option` */
export function dayOption(name: string, text: string): Day;
export function dayOption(name: string, text: string | undefined): Day | undefined;
export function dayOption(name: string, text: string | undefined): Day | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day !== null) return day;
  throw badValue(name, text, "a day such as 2025-08-17");
}

/** Intervals from `4h,1w`. @throws CandlebookError `bad_option` */
export function intervalList(name: string, text: string): Interval[] {
  return [...new Set(text.split(",").map((one) => intervalOption(name, one)))];
}

/** Lengths of windows from `--window`; undefined without the option. @throws CandlebookError `bad_option` */
export function windowList(text: string | undefined): Interval[] | undefined {
  if (text === undefined) return undefined;
  const lengths = intervalList("--window", text);
  if (!lengths.includes("1s")) return lengths;
  throw inputError("bad_option", "--window is 1s; a window has one minute or more.", "Use 1m or longer.");
}

/** An interval from an option. @throws CandlebookError `bad_option` */
export function intervalOption(name: string, text: string): Interval {
  const interval = parseInterval(text);
  if (interval !== null) return interval;
  const next = "1m is the minute, 1M the calendar month.";
  throw badValue(name, text, `one of ${INTERVALS.join(", ")}`, next);
}
