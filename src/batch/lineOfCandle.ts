import { shortened } from "../recognition/layout.ts";
import { recognize } from "../recognition/recognize.ts";
import type { EpochMs } from "../time/epoch.ts";
import type { RawFile } from "./files.ts";
import { knownOf } from "./importFile.ts";
import { candleOf } from "./stretches.ts";
import { firstLinesOf, linesOf, openRaw } from "./texts.ts";

/**
 * Where a raw file has a candle, for a refusal: `prices.csv, line 12: "1700000040,…"`. Reads the file up to there.
 * @returns the path alone where no line has it, as in a file that has changed since, or is gone
 */
export async function lineOfCandle(file: RawFile, symbol: string, at: EpochMs): Promise<string> {
  // Of a file that is gone or another one since, what it was refused for is still true.
  return (await findLine(file, symbol, at).catch(() => null)) ?? file.given;
}

async function findLine(file: RawFile, symbol: string, at: EpochMs): Promise<string | null> {
  for (const text of (await openRaw(file.absolute, file.name)).texts) {
    const known = knownOf(file, text);
    const recognition = recognize(known, await firstLinesOf(text));
    for await (const { line, text: found } of linesOf(text)) {
      const candle = candleOf(line, found, recognition);
      if (candle?.at === at && (recognition.symbol ?? candle.symbol) === symbol)
        return `${known.where}, line ${line}: "${shortened(found)}"`;
    }
  }
  return null;
}
