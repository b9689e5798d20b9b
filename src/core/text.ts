import { numberIn } from "./numbers.ts";

/** The languages that a person can read candlebook in. */
export const LANGUAGES = ["en", "vi"] as const;

export type Language = (typeof LANGUAGES)[number];

/** A text in every language. */
export type Text = Record<Language, string>;

type Values = readonly (Text | string | number)[];

/**
 * A text with its values, which may be texts themselves: ``en`${n} days`.vi`${n} ngày` ``. Numbers are written as the
 * language does. Without its second half it is no text.
 */
export function en(strings: TemplateStringsArray, ...values: Values) {
  return {
    vi: (stringsVi: TemplateStringsArray, ...valuesVi: Values): Text => ({
      en: filled("en", strings, values),
      vi: filled("vi", stringsVi, valuesVi),
    }),
  };
}

function filled(language: Language, strings: TemplateStringsArray, values: Values): string {
  return String.raw({ raw: strings }, ...values.map((value) => valueIn(language, value)));
}

function valueIn(language: Language, value: Values[number]): string {
  if (typeof value === "number") return numberIn(language, value);
  return isText(value) ? value[language] : value;
}

/** A text that each language makes by the same rule, out of parts that may be texts themselves. */
export function textOf(make: (language: Language) => string): Text {
  return { en: make("en"), vi: make("vi") };
}

/** What is the same in every language: a name, a number. */
export function sameText(text: string): Text {
  return { en: text, vi: text };
}

/** A text as it is; a string, which has one language, is shown in every language. */
export function asText(text: string | Text): Text {
  return typeof text === "string" ? sameText(text) : text;
}

/** Texts one after the other, with the same characters between them. */
export function joined(texts: readonly Text[], between: string): Text {
  return textOf((language) => texts.map((text) => text[language]).join(between));
}

/** For `JSON.stringify` and `JSON.parse`: each text as its English. */
export function inEnglish(_key: string, value: unknown): unknown {
  return isText(value) ? value.en : value;
}

export function isText(value: unknown): value is Text {
  return typeof value === "object" && value !== null && "en" in value && "vi" in value;
}
