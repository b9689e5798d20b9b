import { z } from "zod";
import { REJECT_REASONS } from "../candle/validity.ts";
import { QUESTIONS } from "../recognition/evidence.ts";
import { INTERVALS } from "../time/interval.ts";

/** What reading one raw file found; kept in the raw manifest, so that an unchanged file is not read again. */
export const fileFactsForm = z.object({
  sha256: z.string(),
  container: z.enum(["plain", "gzip", "zip"]),
  /** Entries of a zip that are no texts of candles, `name: reason` each. */
  passedOver: z.array(z.string()).default([]),
  /** The header unchanged, or null; of the first text where a zip holds several. */
  header: z.string().nullable(),
  delimiter: z.string(),
  /** How times were written: a file may mix them. */
  units: z.array(z.enum(["s", "ms", "us", "iso", "ns", "days"])),
  /** The length of its candles. */
  interval: z.enum(INTERVALS).default("1m"),
  rows: z.object({ in: z.number().int(), valid: z.number().int(), rejected: z.number().int() }),
  reasons: z.partialRecord(z.enum(REJECT_REASONS), z.number().int()),
  /** By symbol: valid rows, first and last open time (milliseconds). */
  symbols: z.record(
    z.string(),
    z.object({
      rows: z.number().int(),
      first: z.number().int(),
      last: z.number().int(),
      /** The lowest and the highest price; absent where an earlier version read the file. */
      low: z.number().optional(),
      high: z.number().optional(),
      /** Whose prices they are, as far as something states it. */
      venues: z.array(z.string()).default([]),
      /** The least and the greatest mean volume of some stretches of its rows. */
      volumes: z.tuple([z.number(), z.number()]).optional(),
    }),
  ),
  /** By what the form is known; of the first text where a zip holds several. */
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
  /** The earliest time that was rejected for lying in the future; from then on the file is to be read again. */
  firstFuture: z.number().int().nullable(),
});

export type FileFacts = z.infer<typeof fileFactsForm>;

/** A Parquet part that an import made, relative to its folder. */
export const importPartForm = z.object({
  path: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  rows: z.number().int(),
  /** First and last open time (milliseconds) where its rows are strictly ascending, else null. */
  span: z.tuple([z.number().int(), z.number().int()]).nullable(),
});

export type ImportPart = z.infer<typeof importPartForm>;
