// What notebooks and programs import from "candlebook", grouped as the folders are.

export { type CleanedSymbol, type CleanOptions, type CleanResult, clean } from "./batch/clean.ts";
export { type DailyOptions, type DailyResult, type DailySymbol, daily } from "./batch/daily.ts";
export {
  type FileReport,
  type IngestOptions,
  type IngestResult,
  type InputFile,
  ingest,
} from "./batch/ingest.ts";
export type { RowBalance } from "./candle/balance.ts";
export type { Candle, DailyCandle, Origin, ServedDay, Source } from "./candle/candle.ts";
