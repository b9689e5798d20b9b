// Shows the report in the chosen language: figures, tables and cells are written in English and put into Vietnamese here.
import { legendRoom } from "../../charts/legend.ts";
import { vietnamese, vietnameseFigure } from "./translate.ts";

const UNTOUCHED = "code, pre, script, style, [translate=no], main [lang], .candlebook-chart";
/** Text nodes, and elements for their label: what they said before. */
const english = new WeakMap();
let language = "en";

/** Takes the page's language from `<html lang>`, and follows the buttons from then on. */
export function makeLanguage() {
  const buttons = [...document.querySelectorAll("[data-language]")];
  for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.language));
  const main = document.querySelector("main");
  new MutationObserver((changes) => {
    if (language === "en") return;
    for (const { addedNodes } of changes) for (const node of addedNodes) speak(node);
  }).observe(main, { childList: true, subtree: true });
  if (document.documentElement.lang !== "en") choose(document.documentElement.lang);

  function choose(wanted) {
    language = wanted;
    document.documentElement.lang = language;
    for (const button of buttons)
      button.setAttribute("aria-pressed", String(button.dataset.language === language));
    for (const part of document.querySelectorAll("[data-label-en]"))
      part.setAttribute("aria-label", part.getAttribute(`data-label-${language}`));
    speak(main);
    for (const svg of document.querySelectorAll(".candlebook-static svg")) spreadLegend(svg);
    window.candlebook.speak(language === "vi" ? vietnameseFigure : null, language);
  }
}

/** Every text and label below a node in the page's language. */
function speak(root) {
  if (root.nodeType === Node.TEXT_NODE) return speakText(root);
  if (root.nodeType !== Node.ELEMENT_NODE || root.closest(UNTOUCHED)) return;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) speakText(walker.currentNode);
  for (const element of [root, ...root.querySelectorAll("[aria-label]:not([data-label-en])")]) {
    if (!element.hasAttribute("aria-label") || element.hasAttribute("data-label-en")) continue;
    if (element.closest(UNTOUCHED)) continue;
    const label = inLanguage(element, element.getAttribute("aria-label"));
    if (label !== element.getAttribute("aria-label")) element.setAttribute("aria-label", label);
  }
}

function speakText(node) {
  if (!/[a-zA-ZÀ-ỹ]{2}/.test(node.data) || node.parentElement === null) return;
  if (node.parentElement.closest(UNTOUCHED)) return;
  const text = inLanguage(node, node.data);
  if (text !== node.data) node.data = text;
}

/** A legend's items stand beside one another by the length of their labels. */
function spreadLegend(svg) {
  const items = [...svg.querySelectorAll(".candlebook-legend")];
  let x;
  for (const item of items) {
    const [, left, y] = /translate\(([\d.]+),([\d.]+)\)/.exec(item.getAttribute("transform"));
    x ??= Number(left);
    item.setAttribute("transform", `translate(${x},${y})`);
    x += legendRoom(item.textContent);
  }
}

/** The owner's English text is kept with the Vietnamese that was made of it: a text set anew since is English again. */
function inLanguage(owner, now) {
  const known = english.get(owner);
  const source = known !== undefined && known.shown === now ? known.source : now;
  const shown = language === "vi" ? vietnamese(source) : source;
  english.set(owner, { source, shown });
  return shown;
}
