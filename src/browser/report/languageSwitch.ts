import { LEGEND_ROW, legendPlaces } from "../../charts/legend.ts";
import { LANGUAGES, type Language } from "../../core/text.ts";
import { ShownTexts } from "./shownTexts.ts";

const UNTRANSLATED = "code, pre, script, style, [translate=no], main [lang], [data-vi], .candlebook-chart";

/**
 * Shows the report in the chosen language. Prose stands in the page in every language; figures, tables and cells are
 * written in English, and translated here.
 */
export class LanguageSwitch {
  readonly #main: HTMLElement;
  readonly #buttons = [...document.querySelectorAll<HTMLElement>("[data-language]")];
  readonly #texts = new ShownTexts();
  #language: Language = "en";

  constructor(main: HTMLElement) {
    this.#main = main;
  }

  /** Shows the language of `<html lang>`, and follows the buttons from then on. */
  start(): void {
    for (const button of this.#buttons)
      button.addEventListener("click", () => this.#choose(button.dataset.language));
    new MutationObserver((changes) => {
      if (this.#language === "en") return;
      for (const { addedNodes } of changes) for (const node of addedNodes) this.#translate(node);
    }).observe(this.#main, { childList: true, subtree: true });
    if (document.documentElement.lang !== "en") this.#choose(document.documentElement.lang);
  }

  #choose(wanted: string | undefined): void {
    this.#language = LANGUAGES.find((one) => one === wanted) ?? "en";
    document.documentElement.lang = this.#language;
    for (const button of this.#buttons)
      button.setAttribute("aria-pressed", String(button.dataset.language === this.#language));
    showTexts(this.#language);
    this.#translate(this.#main);
    for (const svg of document.querySelectorAll(".candlebook-static svg")) spreadLegend(svg);
    window.candlebook?.setLanguage(this.#language);
  }

  /** Puts every text and label of a node into the page's language. */
  #translate(root: Node): void {
    if (root instanceof Text) this.#translateText(root);
    if (!(root instanceof Element) || root.closest(UNTRANSLATED)) return;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) this.#translateText(walker.currentNode as Text);
    for (const one of [root, ...root.querySelectorAll("[aria-label]:not([data-label-vi])")]) {
      const label = one.getAttribute("aria-label");
      if (label === null || one.hasAttribute("data-label-vi") || one.closest(UNTRANSLATED)) continue;
      const shown = this.#texts.inLanguage(this.#language, one, label);
      if (shown !== label) one.setAttribute("aria-label", shown);
    }
  }

  #translateText(node: Text): void {
    if (!/[a-zA-ZÀ-ỹ]{2}/.test(node.data) || !node.parentElement) return;
    if (node.parentElement.closest(UNTRANSLATED)) return;
    const shown = this.#texts.inLanguage(this.#language, node, node.data);
    if (shown !== node.data) node.data = shown;
  }
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
