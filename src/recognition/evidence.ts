/** What has to be known of a file before its rows can be read. */
export const QUESTIONS = [
  "market",
  "interval",
  "columns",
  "volume",
  "amounts",
  "time",
  "zone",
  "numbers",
] as const;

export type Question = (typeof QUESTIONS)[number];

/** How an answer is known: the person or the file says so, the numbers prove it, or nothing contradicts it. */
export type Grade = "stated" | "shown" | "assumed";

/** One answer and what it rests on. */
export interface Evidence {
  question: Question;
  answer: string;
  grade: Grade;
  /** `the header`, `--interval`, `close time − open time in 6 of 6 rows` … */
  by: string;
}

/** The share of rows that may break a rule before the form itself is in doubt. */
export const MOST_BROKEN = 0.01;

/** A share of rows in words: `6 of 6 rows`. */
export function ofRows(count: number, rows: number): string {
  return `${count} of ${rows} rows`;
}
