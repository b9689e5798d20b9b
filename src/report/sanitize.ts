import { deflateRawSync } from "node:zlib";
import { parseHTML } from "linkedom";
import { escapeMarkup } from "../charts/escape.ts";

// What the outputs of our own show() use, and what people write into notebooks. All else is dropped.
const ELEMENTS = new Set(
  (
    "a abbr b blockquote br caption code col colgroup dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 " +
    "hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u " +
    "ul var svg g path rect circle line polyline polygon text tspan title desc"
  ).split(" "),
);
const VOID = new Set(["br", "col", "hr", "img"]);
// Their text is no text for people.
const WITH_CONTENT = new Set(
  "script style template noscript iframe object embed textarea select math head".split(" "),
);
const ATTRIBUTES = new Set(
  (
    "alt aria-hidden aria-label data-label-vi data-value data-vi class colspan rowspan scope role title height width " +
    "viewbox x y x1 x2 y1 y2 cx cy r rx ry d dx dy points transform xmlns fill fill-opacity stroke stroke-opacity " +
    "stroke-width stroke-dasharray stroke-linecap stroke-linejoin stroke-miterlimit opacity color " +
    "font-family font-size font-weight font-variant text-anchor"
  ).split(" "),
);
const DEEPEST = 100;
const [ELEMENT, TEXT] = [1, 3];

interface MarkupNode {
  nodeType: number;
  nodeName: string;
  textContent: string | null;
  childNodes: Iterable<MarkupNode>;
  attributes?: Iterable<{ name: string; value: string }>;
}

/**
 * HTML of unknown origin, rewritten from the elements and attributes that are known to be harmless. Whatever
 * a parser may have misread becomes escaped text, never markup.
 */
export function sanitizeHtml(html: string): string {
  const { document } = parseHTML(`<!doctype html><html><body>${html}</body></html>`);
  return write(document.body as unknown as MarkupNode, 0);
}

function write(node: MarkupNode, depth: number): string {
  if (depth > DEEPEST) return "";
  return [...node.childNodes].map((child) => writeNode(child, depth)).join("");
}

function writeNode(node: MarkupNode, depth: number): string {
  if (node.nodeType === TEXT) return escapeMarkup(node.textContent ?? "");
  const name = node.nodeName.toLowerCase();
  if (node.nodeType !== ELEMENT || WITH_CONTENT.has(name)) return "";
  const inner = write(node, depth + 1);
  if (!ELEMENTS.has(name)) return inner;
  const attributes = [...(node.attributes ?? [])].map(({ name: key, value }) => attribute(name, key, value));
  return VOID.has(name)
    ? `<${name}${attributes.join("")}>`
    : `<${name}${attributes.join("")}>${inner}</${name}>`;
}

function attribute(element: string, name: string, value: string): string {
  const key = name.toLowerCase();
  const allowed =
    (ATTRIBUTES.has(key) && !/url\s*\(/i.test(value)) ||
    (key === "style" && isPlainStyle(value)) ||
    (key === "href" && element === "a" && /^(https?:\/\/|#)/i.test(value)) ||
    (key === "src" && element === "img" && /^data:image\/(png|jpeg|gif|webp);base64,/i.test(value));
  // A third of its size; the script of the figures unpacks it.
  if (key === "data-figure") return ` ${key}="deflate:${deflateRawSync(value).toString("base64")}"`;
  return allowed ? ` ${key === "viewbox" ? "viewBox" : key}="${escapeMarkup(value)}"` : "";
}

// Sizes and alignment, nothing that loads or covers the page.
function isPlainStyle(value: string): boolean {
  const property =
    /^\s*(text-align|white-space|width|max-width|height|margin|font-weight)\s*:\s*[\w\s.%-]+$/i;
  return value
    .split(";")
    .filter((part) => part.trim() !== "")
    .every((part) => property.test(part));
}
