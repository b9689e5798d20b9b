import type { Statement } from "../../src/recognition/statement.ts";
/** What a person says with a file to settle its questions: the options of `ingest`. */
export type Reading = Statement;

export interface CaseFile {
  name: string;
  bytes: Uint8Array;
  /** As in `SYMBOL=PATH`. */
  symbol?: string;
  reading?: Reading;
}

/** A row of a table of minutes; `openTime` in milliseconds since 1970. */
export interface TruthCandle {
  symbol: string;
  openTime: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  trades: number | null;
}

/** Codes of the errors that refuse a file. */
export type RefusalCode =
  | "ambiguous_date"
  | "ambiguous_decimal"
  | "ambiguous_volume"
  | "conflicting_files"
  | "contract_volume"
  | "interval_conflict"
  | "misread_columns"
  | "mixed_intervals"
  | "no_candles_in_zip"
  | "no_symbol"
  | "no_time_zone"
  | "no_valid_rows"
  | "other_interval"
  | "other_scale"
  | "second_header"
  | "unknown_form"
  | "volume_conflict";

/** All rows that are candles, repeats included; `rejected` rows, and as many more as may be (second headers). */
interface Read {
  candles: TruthCandle[];
  rejected: number;
  maybeRejected: number;
}

/** One of `codes`; in the tables are at most the candles `beside`, of the other file of the case. */
interface Refused {
  codes: RefusalCode[];
  beside: TruthCandle[];
}

/** `either`: a refusal is right, and so is reading exactly these candles. */
export type Truth =
  | ({ kind: "read" } & Read)
  | ({ kind: "refused" } & Refused)
  | ({ kind: "either" } & Read & Refused);

export interface FileCase {
  seed: number;
  /** What is unusual in the files, in words. */
  features: string[];
  files: CaseFile[];
  truth: Truth;
}
