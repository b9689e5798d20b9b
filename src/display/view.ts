import { escapeMarkup } from "../charts/escape.ts";
import { bandsOf, type Fan } from "../charts/fan.ts";
import { DISPLAY, isFigure } from "../charts/figure.ts";
import { formatNumber, formatPrice } from "../charts/theme.ts";
import type { Bundle } from "./kernel.ts";
import { cellText, type Row, type TableOptions, tableHtml, tableText } from "./table.ts";

/** The bookkeeping of rows, as `ingest` and `clean` return it. */
interface Balance {
  in: number;
  kept: number;
  duplicates: number;
  conflicts: number;
  rejected: number;
}

/** Anything that a stage returns, as mime type → content. Text is escaped: it is shown, never run. */
export function bundleOf(value: unknown, options: TableOptions = {}): Bundle {
  if (isFigure(value)) return value[DISPLAY]();
  if (isAnswer(value)) return table(value.rows, { columns: value.columns, ...options });
  if (isRows(value)) return table(value, options);
  if (isBalance(value)) return balance(value);
  if (isFan(value)) return forecastSummary(value, options);
  if (typeof value === "object" && value !== null) return record(value, options);
  const lines = String(value).split("\n").map(escapeMarkup);
  return { "text/html": `<p>${lines.join("<br>")}</p>`, "text/plain": String(value) };
}

function table(rows: readonly Row[], options: TableOptions): Bundle {
  return { "text/html": tableHtml(rows, options), "text/plain": tableText(rows, options) };
}

function balance({ in: read, kept, duplicates, conflicts, rejected }: Balance): Bundle {
  const disagreed = conflicts > 0 ? ` (${formatNumber(conflicts)} of them disagreed)` : "";
  const text =
    `${formatNumber(read)} rows in = ${formatNumber(kept)} kept + ${formatNumber(duplicates)} duplicates${disagreed}` +
    ` + ${formatNumber(rejected)} rejected`;
  const holds = read === kept + duplicates + rejected;
  const verdict = holds ? "The balance holds." : "The balance does NOT hold.";
  return {
    "text/html": `<p class="candlebook-balance"><strong>${text}.</strong> ${verdict}</p>`,
    "text/plain": `${text}. ${verdict}`,
  };
}

function forecastSummary(fan: Fan, options: TableOptions): Bundle {
  const scored = fan.scores.some(({ skill }) => skill !== null);
  const rows = fan.forecasts.map((forecast) => {
    const steps = bandsOf(forecast);
    const end = steps[steps.length - 1];
    const score = fan.scores.find(({ model }) => model === forecast.model);
    return {
      model: forecast.model,
      for: end.ds,
      forecast: formatPrice(end.yhat),
      "80 % interval": `${formatPrice(end.lo80)} to ${formatPrice(end.hi80)}`,
      "95 % interval": `${formatPrice(end.lo95)} to ${formatPrice(end.hi95)}`,
      ...(scored
        ? {
            "skill over naive, %": percent(score?.skill, 100),
            "MAPE, %": percent(score?.mape, 1),
            "coverage of 80 %, %": percent(score?.coverage80, 1),
          }
        : {}),
    };
  });
  const cutoff = fan.forecasts[0]?.cutoff;
  return table(rows, {
    caption: `${fan.symbol}: forecasts made from days up to ${cutoff} (UTC)${scored ? "" : ", unscored: the history is too short for a backtest"}`,
    ...options,
  });
}

function percent(value: number | null | undefined, factor: number): number | string {
  return value === null || value === undefined ? "unscored" : Number((value * factor).toFixed(1));
}

/** Plain values as one table, then each list of rows and each balance below its name. */
function record(value: object, options: TableOptions): Bundle {
  const entries = Object.entries(value).filter(
    ([, item]) => typeof item !== "function" && item !== undefined,
  );
  const parts = entries.filter(([, item]) => isRows(item) || isBalance(item) || isFan(item));
  const plain = entries.filter((entry) => !parts.includes(entry));
  const bundles = parts.map(([name, item]) => bundleOf(item, { caption: name, ...options }));
  if (plain.length > 0) {
    const rows = plain.map(([name, item]) => ({ name, value: cellText(item) }));
    bundles.unshift(table(rows, { rows: rows.length }));
  }
  const joined = (mime: string, between: string) => bundles.map((bundle) => bundle[mime]).join(between);
  return { "text/html": joined("text/html", ""), "text/plain": joined("text/plain", "\n") };
}

function isRows(value: unknown): value is Row[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => typeof row === "object" && row !== null && !Array.isArray(row))
  );
}

function isAnswer(value: unknown): value is { columns: string[]; rows: Row[] } {
  const { columns, rows } = (value ?? {}) as { columns?: unknown; rows?: unknown };
  return Array.isArray(columns) && Array.isArray(rows);
}

function isBalance(value: unknown): value is Balance {
  const keys = ["in", "kept", "duplicates", "conflicts", "rejected"] as const;
  return (
    typeof value === "object" &&
    value !== null &&
    keys.every((key) => typeof (value as Partial<Balance>)[key] === "number")
  );
}

function isFan(value: unknown): value is Fan {
  const { forecasts, scores } = (value ?? {}) as { forecasts?: unknown; scores?: unknown };
  return Array.isArray(forecasts) && Array.isArray(scores) && forecasts.length > 0;
}
