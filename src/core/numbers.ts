const formats = new Map<string, Intl.NumberFormat>();

/**
 * A number as a language writes it: 1,234.5 in English, 1.234,5 in Vietnamese, with U+2212 below zero.
 * @param language its tag, such as `vi`
 * @param digits after the decimal mark; default: those that it has, 12 at most
 */
export function numberIn(language: string, value: number, digits?: number): string {
  const key = `${language} ${digits}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language, {
      minimumFractionDigits: digits ?? 0,
      maximumFractionDigits: digits ?? 12,
      signDisplay: "negative",
    });
    formats.set(key, format);
  }
  return format.format(value).replace("-", "−");
}

/** A number for machines, of the digits that a double is sure of. */
export function exactText(value: number): string {
  return String(Number(value.toPrecision(15)));
}

/** 1234567 as `1,234,567`, for a terminal. */
export function grouped(value: number): string {
  return numberIn("en", value);
}

/** A count with its noun: `1 row`, `1,234 rows`. */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? "" : "s"}`;
}
