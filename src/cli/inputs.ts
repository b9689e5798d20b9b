import type { InputFile } from "../batch/ingest.ts";
import { parseSymbol } from "../candle/symbol.ts";

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
