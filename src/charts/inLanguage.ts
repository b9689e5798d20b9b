import { isText, type Language, type Text } from "../core/text.ts";
import { DAY_MS, MINUTE_MS } from "../time/epoch.ts";

/** Decimal mark and thousands mark. */
const SEPARATORS = { en: ".,", vi: ",." } satisfies Text;

/** Marks of a Vietnamese time axis, the day before the month. */
const DATES = [
  { dtickrange: [MINUTE_MS, DAY_MS - 1], value: "%H:%M\n%-d/%-m/%Y" },
  { dtickrange: [DAY_MS, 31 * DAY_MS], value: "%-d/%-m\n%Y" },
  { dtickrange: ["M1", "M11"], value: "%-m/%Y" },
];

/** A part of a plotly figure with each `Text` replaced by its string in one language, and numbers and time axes marked as it does. */
export function inLanguage(part: unknown, language: Language, key = ""): unknown {
  if (Array.isArray(part)) return part.map((item) => inLanguage(item, language, key));
  if (typeof part !== "object" || part === null) return part;
  if (isText(part)) return part[language];
  const entries = Object.entries(part).map(([name, value]) => [name, inLanguage(value, language, name)]);
  const isTimeAxis = /^[xy]axis\d*$/.test(key) && (part as { type?: unknown }).type === "date";
  return {
    ...Object.fromEntries(entries),
    ...(isTimeAxis && language === "vi" ? { tickformatstops: DATES } : {}),
    ...(key === "layout" ? { separators: SEPARATORS[language] } : {}),
  };
}
