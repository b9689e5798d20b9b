import { z } from "zod";
import { inputError } from "../core/errors.ts";
import { INTERVALS, type Interval, parseInterval } from "../time/interval.ts";
import { zoneOffset } from "../time/zone.ts";
import type { DateOrder } from "./times.ts";

/** What a person states about a file; every part of it settles one question. */
export interface Statement {
  /** What each column holds, in order: `time`, `date`, `open` …; `-` for a column that is not read. */
  columns?: string[];
  interval?: Interval;
  /** Of times without a zone: `UTC`, an offset such as `+07:00`, or a zone without clock changes such as `Asia/Ho_Chi_Minh`. */
  zone?: string;
  /** The decimal mark; the other mark then separates thousands. */
  decimal?: "." | ",";
  /** The column of base volume: its name, or its number counted from 1. */
  volume?: string;
  /** Of dates with the year last; `ydm` of those with the year first. */
  dateOrder?: DateOrder;
  /** Takes files of one symbol that disagree in most of their minutes. */
  allowConflicts?: boolean;
  /** Takes a file in which more than 1 % of the rows break a rule of shape; those rows are rejected. */
  acceptRejects?: boolean;
}

export const statementForm = z.strictObject({
  columns: z.array(z.string()).min(6).optional(),
  interval: z
    .string()
    .transform((text, { addIssue }) => {
      const interval = parseInterval(text);
      if (interval === null) addIssue({ code: "custom", message: `expected one of ${INTERVALS.join(", ")}` });
      return interval ?? z.NEVER;
    })
    .optional(),
  zone: z
    .string()
    .refine(
      (zone) => zoneOffset(zone) !== null,
      "expected UTC, an offset such as +07:00, or a zone whose clocks never change",
    )
    .optional(),
  decimal: z.enum([".", ","]).optional(),
  volume: z.string().min(1).optional(),
  dateOrder: z.enum(["dmy", "mdy", "ymd", "ydm"]).optional(),
  allowConflicts: z.boolean().optional(),
  acceptRejects: z.boolean().optional(),
}) satisfies z.ZodType<Statement>;

/**
 * Checks what a person stated.
 * @param where names the option or the file, for the error
 * @throws CandlebookError `bad_option`
 */
export function parseStatement(value: unknown, where: string): Statement {
  const parsed = statementForm.safeParse(value);
  if (parsed.success) return parsed.data;
  throw inputError(
    "bad_option",
    `${where}${issueText(parsed.error, value)}.`,
    "See candlebook ingest --help.",
  );
}

/** What is wrong with a value that was stated: its key, the value itself, and what is expected. */
export function issueText({ issues: [{ path, message }] }: z.ZodError, value: unknown): string {
  const found = path.reduce((inside: unknown, key) => (inside as Record<PropertyKey, unknown>)?.[key], value);
  return path.length === 0 ? message : `${path.join(".")} is ${JSON.stringify(found)}: ${message}`;
}
