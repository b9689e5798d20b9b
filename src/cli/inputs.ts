import type { InputFile } from "../batch/ingest.ts";
import { parseSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { type Day, parseDay } from "../time/day.ts";
import { printable } from "./terminal.ts";

/** Symbols from `BTCUSDT,ETHUSDT`; undefined where nothing was said. */
export function symbolList(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : [...new Set(text.split(",").map(parseSymbol))];
}

/** Files from `PATH` or `BTCUSDT=PATH`. */
export function inputFiles(words: readonly string[]): InputFile[] {
  return words.map((word) => {
    const named = /^([A-Za-z0-9]{2,20})=(.+)$/.exec(word);
    return named === null ? { path: word } : { symbol: parseSymbol(named[1]), path: named[2] };
  });
}

/** A UTC day from an option; undefined where nothing was said. @throws CandlebookError `bad_option` */
export function dayOption(name: string, text: string): Day;
export function dayOption(name: string, text: string | undefined): Day | undefined;
export function dayOption(name: string, text: string | undefined): Day | undefined {
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day !== null) return day;
  throw inputError(
    "bad_option",
    `${name} is "${printable(text)}"; expected a day such as 2025-08-17.`,
    "See --help.",
  );
}
