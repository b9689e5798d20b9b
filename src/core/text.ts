/** The languages that a person can read candlebook in. */
export const LANGUAGES = ["en", "vi"] as const;

export type Language = (typeof LANGUAGES)[number];

/** A text in every language. */
export type Text = Record<Language, string>;
