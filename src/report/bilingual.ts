import { escapeMarkup } from "../charts/escape.ts";
import { LANGUAGES, type Text } from "../core/text.ts";

/** A short text in every language, the page shows the chosen one. */
export function both(text: Text): string {
  return LANGUAGES.map((language) => `<span lang="${language}">${escapeMarkup(text[language])}</span>`).join(
    "",
  );
}
