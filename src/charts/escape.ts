import { type Text, textOf } from "../core/text.ts";

/**
 * Text for an HTML or XML element or attribute. Control characters, which XML can't hold, and halves of surrogate
 * pairs become U+FFFD.
 */
export function escapeMarkup(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\t\n\r]/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** A text as markup that a page can switch: English, with the Vietnamese beside it where it is another. */
export function switchable(text: Text): string {
  return text.en === text.vi ? escapeMarkup(text.en) : `<span${dataVi(text)}>${escapeMarkup(text.en)}</span>`;
}

/** The attribute by which an element whose content is `text.en` has its Vietnamese. */
export function dataVi({ en, vi }: Text): string {
  return en === vi ? "" : ` data-vi="${escapeMarkup(vi)}"`;
}

/** The attributes of an element with a label that a page can switch. */
export function labelAttributes({ en, vi }: Text): string {
  return ` aria-label="${escapeMarkup(en)}" data-label-vi="${escapeMarkup(vi)}"`;
}

/** Text for plotly, which reads some tags (`<b>`, `<a>`) in titles, labels and hover texts. */
export function escapePlotly(text: Text): Text {
  return textOf((language) =>
    text[language].replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  );
}

/** JSON for a script element: nothing in it ends the element, opens a comment or breaks a line of script. */
export function escapeJson(value: unknown): string {
  const unicode = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, unicode);
}

/** Letters, digits and `-`, for an element's id or a file's name. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
}
