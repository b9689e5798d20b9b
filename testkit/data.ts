import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

/** The recorded market data that some tests use: `CANDLEBOOK_DATA`, else `../shared/data` beside the checkout. */
export const RECORDED_DATA = process.env.CANDLEBOOK_DATA || resolve(import.meta.dirname, "../../shared/data");

/** Why tests of recorded data are skipped here, or null where it is there. */
export const noRecordedData = existsSync(join(RECORDED_DATA, "README.md"))
  ? null
  : "the recorded market data is not here; set CANDLEBOOK_DATA to its folder";

/** A path in the recorded data. */
export function recorded(...parts: string[]): string {
  return join(RECORDED_DATA, ...parts);
}
