import type { Text } from "../core/text.ts";

/** The first element in `root` that a CSS selector names. @throws Error where the page has none */
export function find<Kind extends Element = HTMLElement>(root: ParentNode, selector: string): Kind {
  const found = root.querySelector<Kind>(selector);
  if (found === null) throw new Error(`The page has no element ${selector}.`);
  return found;
}

/** A new HTML element with properties and children; a string becomes a text node. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const created = Object.assign(document.createElement(tag), properties);
  created.append(...children);
  return created;
}

/** Shows a text in the page's language; the other stays beside it for the switch. */
export function setText(part: HTMLElement, { en, vi }: Text): void {
  if (part.dataset.en === en && part.dataset.vi === vi) return;
  Object.assign(part.dataset, { en, vi });
  part.textContent = document.documentElement.lang === "vi" ? vi : en;
}

/** Labels an element for those who listen, as `setText` does. */
export function setLabel(part: HTMLElement | SVGElement, { en, vi }: Text): void {
  Object.assign(part.dataset, { labelEn: en, labelVi: vi });
  part.setAttribute("aria-label", document.documentElement.lang === "vi" ? vi : en);
}

/** A new SVG element with its attributes. */
export function svgElement<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string | number> = {},
): SVGElementTagNameMap[Tag] {
  const created = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, String(value));
  return created;
}
