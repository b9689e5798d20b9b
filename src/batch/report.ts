import { z } from "zod";
import { AMOUNT_COLUMNS, type AmountColumn } from "../candle/candle.ts";
import { REJECT_REASONS, type RejectReason } from "../candle/validity.ts";
import { type Evidence, QUESTIONS } from "../recognition/evidence.ts";
import { INTERVALS, type Interval } from "../time/interval.ts";

/** What one raw file holds of a symbol. */
export interface SymbolFacts {
  /** Valid rows. */
  rows: number;
  /** First and last open time (milliseconds). */
  first: number;
  last: number;
  /** The lowest and the highest price; absent where an earlier version read the file. */
  low?: number;
  high?: number;
  /** Whose prices they are, as far as something states it. */
  venues: string[];
  /** The least and the greatest mean volume of some stretches of its rows. */
  volumes?: [number, number];
}

/** What reading one raw file found; kept in the raw manifest, so that an unchanged file is not read again. */
export interface FileFacts {
  sha256: string;
  container: "plain" | "gzip" | "zip";
  /** Entries of a zip that are no texts of candles, `name: reason` each. */
  passedOver: string[];
  /** The header unchanged, or null; of the first text where a zip holds several. */
  header: string | null;
  delimiter: string;
  /** How times were written: a file may mix them. */
  units: ("s" | "ms" | "us" | "iso" | "ns" | "days")[];
  /** The length of its candles. */
  interval: Interval;
  rows: { in: number; valid: number; rejected: number };
  reasons: Partial<Record<RejectReason, number>>;
  symbols: Record<string, SymbolFacts>;
  /** Which amounts its rows have columns of. */
  amounts: AmountColumn[];
  /** By what the form is known; of the first text where a zip holds several. */
  evidence: Evidence[];
  /** The earliest time that was rejected for lying in the future; from then on the file is to be read again. */
  firstFuture: number | null;
}

export const fileFactsForm: z.ZodType<FileFacts> = z.object({
  sha256: z.string(),
  container: z.enum(["plain", "gzip", "zip"]),
  passedOver: z.array(z.string()).default([]),
  header: z.string().nullable(),
  delimiter: z.string(),
  units: z.array(z.enum(["s", "ms", "us", "iso", "ns", "days"])),
  interval: z.enum(INTERVALS).default("1m"),
  rows: z.object({ in: z.number().int(), valid: z.number().int(), rejected: z.number().int() }),
  reasons: z.partialRecord(z.enum(REJECT_REASONS), z.number().int()),
  symbols: z.record(
    z.string(),
    z.object({
      rows: z.number().int(),
      first: z.number().int(),
      last: z.number().int(),
      low: z.number().optional(),
      high: z.number().optional(),
      venues: z.array(z.string()).default([]),
      volumes: z.tuple([z.number(), z.number()]).optional(),
    }),
  ),
  amounts: z.array(z.enum(AMOUNT_COLUMNS)).default([]),
  evidence: z
    .array(
      z.object({
        question: z.enum(QUESTIONS),
        answer: z.string(),
        grade: z.enum(["stated", "shown", "assumed"]),
        by: z.string(),
      }),
    )
    .default([]),
  firstFuture: z.number().int().nullable(),
});

/** A Parquet part that an import made. */
export interface ImportPart {
  /** Relative to the import's folder. */
  path: string;
  bytes: number;
  sha256: string;
  rows: number;
  /** First and last open time (milliseconds) where its rows are strictly ascending, else null. */
  span: [number, number] | null;
}

export const importPartForm: z.ZodType<ImportPart> = z.object({
  path: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  rows: z.number().int(),
  span: z.tuple([z.number().int(), z.number().int()]).nullable(),
});
