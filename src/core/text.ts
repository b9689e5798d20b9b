/** The languages that a person can read candlebook in. */
export const LANGUAGES = ["en", "vi"] as const;

export type Language = (typeof LANGUAGES)[number];

/** A text in every language. */
export type Text = Record<Language, string>;

/** A text that each language makes by the same rule, out of parts that may be texts themselves. */
export function textOf(make: (language: Language) => string): Text {
  return { en: make("en"), vi: make("vi") };
}

/** What is the same in every language: a name, a number. */
export function sameText(text: string): Text {
  return { en: text, vi: text };
}

/** Texts one after the other, with the same characters between them. */
export function joined(texts: readonly Text[], between: string): Text {
  return textOf((language) => texts.map((text) => text[language]).join(between));
}

export function isText(value: unknown): value is Text {
  return typeof value === "object" && value !== null && "en" in value && "vi" in value;
}
