import { LEGEND_ROW, legendPlaces } from "../charts/legend.ts";
import { LANGUAGES, type Language } from "../core/text.ts";

/**
 * Shows a page in the chosen language. Prose is in the page in every language, and a style shows one; every other
 * text is written in English, with its Vietnamese in `data-vi`, or `data-label-vi` where it is a label.
 */
export class LanguageSwitch {
  readonly #buttons = [...document.querySelectorAll<HTMLElement>("[data-language]")];

  /**
   * Shows the language of the address (`#vi`), else the one that was chosen last, else that of `<html lang>`, and
   * follows the buttons from then on.
   */
  start(): void {
    for (const button of this.#buttons)
      button.addEventListener("click", () => this.#choose(button.dataset.language));
    window.addEventListener("hashchange", () => this.#follow(location.hash.slice(1)));
    const [asked] = [location.hash.slice(1), kept.read(), document.documentElement.lang].filter(isLanguage);
    if (asked !== "en") this.#show(asked);
  }

  #follow(wanted: string): void {
    if (isLanguage(wanted)) this.#choose(wanted);
  }

  #choose(wanted: string | undefined): void {
    const language = isLanguage(wanted) ? wanted : "en";
    kept.write(language);
    // An address with a language would undo the choice at the next reload.
    if (isLanguage(location.hash.slice(1))) history.replaceState(null, "", `#${language}`);
    this.#show(language);
  }

  #show(language: Language): void {
    document.documentElement.lang = language;
    for (const button of this.#buttons)
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    showTexts(language);
    for (const svg of document.querySelectorAll(".candlebook-static svg")) spreadLegend(svg);
    window.candlebook?.setLanguage(language);
  }
}

const KEY = "candlebook-language";

/** The language that the reader has chosen, kept in the browser where it lets a page keep something. */
const kept = {
  read(): string | null {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  },
  write(language: Language): void {
    try {
      localStorage.setItem(KEY, language);
    } catch {
      // The choice then lasts as long as the page.
    }
  },
};

function isLanguage(word: string | null | undefined): word is Language {
  return LANGUAGES.some((one) => one === word);
}

/** Shows what has its Vietnamese beside it in a language; the English stays beside it from the first time on. */
function showTexts(language: Language): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-vi]")) {
    part.dataset.en ??= part.textContent;
    part.textContent = part.dataset[language] ?? "";
  }
  for (const part of document.querySelectorAll<HTMLElement>("[data-label-vi]")) {
    part.dataset.labelEn ??= part.getAttribute("aria-label") ?? "";
    part.setAttribute("aria-label", part.dataset[language === "vi" ? "labelVi" : "labelEn"] ?? "");
  }
}

/** Moves a legend's items: the place of each depends on the lengths of the labels before it. */
function spreadLegend(svg: Element): void {
  const items = [...svg.querySelectorAll(".candlebook-legend")];
  const [, left, top] =
    /translate\(([\d.]+),([\d.]+)\)/.exec(items[0]?.getAttribute("transform") ?? "") ?? [];
  const places = legendPlaces(items.map((item) => item.textContent));
  for (const [i, { x, row }] of places.entries()) {
    items[i].setAttribute("transform", `translate(${Number(left) + x},${Number(top) + row * LEGEND_ROW})`);
  }
}
