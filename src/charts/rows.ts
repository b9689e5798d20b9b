import { inputError } from "../core/errors.ts";
import { dayOf } from "../time/day.ts";
import { DAY_MS, type EpochMs } from "../time/epoch.ts";

/**
 * The rows of the one symbol that a figure shows.
 * @param symbol needed where the rows hold several
 * @throws CandlebookError `nothing_to_draw`, `several_symbols`
 */
export function rowsOfOne<Row extends { symbol: string }>(
  rows: readonly Row[],
  symbol?: string,
): { symbol: string; rows: Row[] } {
  const wanted = symbol ?? rows[0]?.symbol;
  const mine = rows.filter((row) => row.symbol === wanted);
  const symbols = [...new Set(rows.map((row) => row.symbol))];
  if (mine.length === 0 || wanted === undefined) {
    throw inputError(
      "nothing_to_draw",
      `No rows to draw${symbol === undefined ? "" : ` for ${symbol}`}.`,
      symbols.length > 0
        ? `There are rows for ${symbols.join(", ")}.`
        : "Run the stage that makes them first.",
    );
  }
  if (symbol === undefined && symbols.length > 1) {
    throw inputError(
      "several_symbols",
      `The rows hold ${symbols.join(", ")}; a figure shows one symbol.`,
      `Name it in the options: { symbol: "${symbols[0]}" }.`,
    );
  }
  return { symbol: wanted, rows: mine };
}

/** Every day from the first of the given ones to the last. */
export function daysFromTo(days: readonly string[]): string[] {
  const instants = days.map((day) => Date.parse(`${day}T00:00:00Z`));
  const first = instants.reduce((a, b) => Math.min(a, b));
  const last = instants.reduce((a, b) => Math.max(a, b));
  return Array.from({ length: (last - first) / DAY_MS + 1 }, (_, i) =>
    dayOf((first + i * DAY_MS) as EpochMs),
  );
}

// Not spread into Math.max: a hundred thousand arguments exceed the limit of a call.
export function highOf(rows: readonly { high: number }[]): number {
  return rows.reduce((most, { high }) => Math.max(most, high), 0);
}

export function lowOf(rows: readonly { low: number }[]): number {
  return rows.reduce((least, { low }) => Math.min(least, low), Number.POSITIVE_INFINITY);
}

/** How much of the end to show: a number of days, or `90d`, `12m` (of 30 days), `2y`. */
export type Span = number | `${number}d` | `${number}m` | `${number}y`;

/**
 * @returns whole days; Infinity where no span is given
 * @throws CandlebookError `bad_span`
 */
export function spanInDays(span: Span | undefined): number {
  if (span === undefined) return Number.POSITIVE_INFINITY;
  const [, count, unit] = /^(\d+)([dmy])?$/.exec(String(span)) ?? [];
  const days = Number(count) * { d: 1, m: 30, y: 365 }[(unit ?? "d") as "d" | "m" | "y"];
  if (days >= 1) return days;
  throw inputError(
    "bad_span",
    `"${span}" is no span of days.`,
    'Use a number of days, or "90d", "6m", "2y".',
  );
}
