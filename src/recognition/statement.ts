import { z } from "zod";
import { inputError } from "../core/errors.ts";
import { INTERVALS } from "../time/interval.ts";

const zone = /^(UTC|GMT|Z|[+-]\d{2}:?\d{2})$/i;

/** What a person states about a file; every part of it settles one question. */
export const statementForm = z.strictObject({
  /** What each column holds, in order: `time`, `date`, `open` …; `-` for a column that is not read. */
  columns: z.array(z.string()).min(6).optional(),
  interval: z.enum(INTERVALS).optional(),
  /** Of times without a zone: `UTC`, or an offset such as `+07:00`. */
  zone: z.string().regex(zone, "is not UTC or an offset such as +07:00").optional(),
  /** The decimal mark; the other mark then separates thousands. */
  decimal: z.enum([".", ","]).optional(),
  /** The column of base volume: its name, or its number counted from 1. */
  volume: z.string().min(1).optional(),
  /** Of dates with the year last. */
  dateOrder: z.enum(["dmy", "mdy", "ymd"]).optional(),
  /** Takes files of one symbol that disagree in most of their minutes. */
  allowConflicts: z.boolean().optional(),
  /** Takes a file in which more than 1 % of the rows break a rule of shape; those rows are rejected. */
  acceptRejects: z.boolean().optional(),
});

export type Statement = z.infer<typeof statementForm>;

/**
 * Checks what a person stated.
 * @param where names the option or the file, for the error
 * @throws CandlebookError `bad_option`
 */
export function parseStatement(value: unknown, where: string): Statement {
  const parsed = statementForm.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const at = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  throw inputError("bad_option", `${where}: ${at}${issue.message}.`, "See candlebook ingest --help.");
}

/** Minutes east of UTC. */
export function offsetMinutes(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
