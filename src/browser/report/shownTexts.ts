import type { Language } from "../../core/text.ts";
import { vietnamese } from "../../report/translate.ts";

/** The English texts behind what a page shows now: a translation can't be translated back. */
export class ShownTexts {
  readonly #byOwner = new WeakMap<object, { english: string; shown: string }>();

  /**
   * A text in a language. A text that is not the one returned before for the same owner was set since, and is English.
   * @param owner the text node or element that shows it
   * @param now what the owner shows now
   */
  inLanguage(language: Language, owner: object, now: string): string {
    const known = this.#byOwner.get(owner);
    const english = known !== undefined && known.shown === now ? known.english : now;
    const shown = language === "vi" ? vietnamese(english) : english;
    this.#byOwner.set(owner, { english, shown });
    return shown;
  }
}
