import type { RowBalance } from "../candle/balance.ts";
import { switchable } from "../charts/escape.ts";
import { bandsOf, type Fan } from "../charts/fan.ts";
import { DISPLAY, isFigure } from "../charts/figure.ts";
import { TEXTS } from "../charts/texts.ts";
import { en, isText, joined, sameText, type Text } from "../core/text.ts";
import type { Bundle } from "./kernel.ts";
import { nameText } from "./names.ts";
import { cellText, type Row, type TableOptions, tableHtml, tableText } from "./table.ts";

/** Anything that a stage returns, as mime type → content. Text is escaped: it is shown, never run. */
export function bundleOf(value: unknown, options: TableOptions = {}): Bundle {
  if (isFigure(value)) return value[DISPLAY]();
  if (isAnswer(value)) return table(value.rows, { columns: value.columns, ...options });
  if (isTexts(value)) return paragraph(joined(value, "\n"));
  if (isRows(value)) return table(value, options);
  if (isBalance(value)) return balance(value);
  if (isFan(value)) return forecastSummary(value, options);
  if (typeof value === "object" && value !== null && !isText(value)) return record(value, options);
  return paragraph(isText(value) ? value : sameText(String(value)));
}

/** A text of the same number of lines in each language. */
function paragraph(text: Text): Bundle {
  const vi = text.vi.split("\n");
  const lines = text.en.split("\n").map((en, i) => switchable({ en, vi: vi[i] ?? "" }));
  return { "text/html": `<p>${lines.join("<br>")}</p>`, "text/plain": text.en };
}

function table(rows: readonly Row[], options: TableOptions): Bundle {
  return { "text/html": tableHtml(rows, options), "text/plain": tableText(rows, options) };
}

function balance({ in: read, kept, duplicates, conflicts, rejected }: RowBalance): Bundle {
  const against =
    conflicts > 0
      ? en` (${conflicts} of them disagreed)`.vi` (trong đó ${conflicts} mâu thuẫn)`
      : sameText("");
  const text = en`${read} rows in = ${kept} kept + ${duplicates} duplicates${against} + ${rejected} rejected.`
    .vi`${read} dòng vào = ${kept} giữ + ${duplicates} trùng${against} + ${rejected} loại.`;
  const verdict =
    read === kept + duplicates + rejected
      ? { en: "The balance holds.", vi: "Cân bằng đúng." }
      : { en: "The balance does NOT hold.", vi: "Cân bằng KHÔNG đúng." };
  return {
    "text/html": `<p class="candlebook-balance"><strong>${switchable(text)}</strong> ${switchable(verdict)}</p>`,
    "text/plain": `${text.en} ${verdict.en}`,
  };
}

/** Heads of a forecast's summary. */
const SUMMARY_HEADS = { for: { en: "for", vi: "cho ngày" } } satisfies Record<string, Text>;

function forecastSummary(fan: Fan, options: TableOptions): Bundle {
  const scored = fan.scores.some(({ skill }) => skill !== null);
  const rows = fan.forecasts.map((forecast) => {
    const steps = bandsOf(forecast);
    const end = steps[steps.length - 1];
    const score = fan.scores.find(({ model }) => model === forecast.model);
    return {
      model: forecast.model,
      for: end.ds,
      forecast: end.yhat,
      ...{ lo80: end.lo80, hi80: end.hi80, lo95: end.lo95, hi95: end.hi95 },
      ...(scored
        ? {
            skill: score?.skill ?? TEXTS.unscored,
            mape: score?.mape ?? TEXTS.unscored,
            coverage80: score?.coverage80 ?? TEXTS.unscored,
          }
        : {}),
    };
  });
  const made = `${fan.forecasts[0]?.cutoff} (UTC)`;
  const from = en`${fan.symbol}: forecasts made from days up to ${made}`
    .vi`${fan.symbol}: dự báo làm từ các ngày đến ${made}`;
  const without = fan.filled?.days ?? 0;
  const leftOut = en`${without} filled days left out`.vi`bỏ qua ${without} ngày được điền`;
  const notes = [...(scored ? [] : [TEXTS.noBacktest]), ...(without > 0 ? [leftOut] : [])];
  const caption = joined([from, ...notes], ", ");
  return table(rows, { caption, heads: SUMMARY_HEADS, symbol: fan.symbol, ...options });
}

/** Plain values as one table, then each list of rows and each balance below its name. */
function record(value: object, options: TableOptions): Bundle {
  const entries = Object.entries(value).filter(
    ([, item]) => typeof item !== "function" && item !== undefined,
  );
  const parts = entries.filter(([, item]) => isRows(item) || isBalance(item) || isFan(item));
  const plain = entries.filter((entry) => !parts.includes(entry));
  const bundles = parts.map(([name, item]) => bundleOf(item, { caption: nameText(name), ...options }));
  if (plain.length > 0) {
    const rows = plain.map(([name, item]) => ({
      name: nameText(name),
      value: cellText(item),
    }));
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

function isTexts(value: unknown): value is Text[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}

function isAnswer(value: unknown): value is { columns: string[]; rows: Row[] } {
  const { columns, rows } = (value ?? {}) as { columns?: unknown; rows?: unknown };
  return Array.isArray(columns) && Array.isArray(rows);
}

function isBalance(value: unknown): value is RowBalance {
  const keys = ["in", "kept", "duplicates", "conflicts", "rejected"] as const;
  return (
    typeof value === "object" &&
    value !== null &&
    keys.every((key) => typeof (value as Partial<RowBalance>)[key] === "number")
  );
}

function isFan(value: unknown): value is Fan {
  const { forecasts, scores } = (value ?? {}) as { forecasts?: unknown; scores?: unknown };
  return Array.isArray(forecasts) && Array.isArray(scores) && forecasts.length > 0;
}
