import MarkdownIt from "markdown-it";
import { slug } from "../charts/escape.ts";

export interface Heading {
  level: number;
  text: string;
  /** Unique in the page. */
  id: string;
}

export interface Prose {
  html: string;
  headings: Heading[];
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
// An image would be a request: what a picture shows is in the figures.
markdown.disable("image");
// Only links that a reader may follow: out of the page, within it, and to another notebook; the rest stays text.
markdown.validateLink = (url) => /^(https?:|#)/i.test(url) || NOTEBOOK.test(url);
markdown.renderer.rules.table_open = () => `<div class="wide"><table>\n`;
markdown.renderer.rules.table_close = () => "</table></div>\n";
const NOTEBOOK = /^([\w-]+)\.ipynb$/;

/**
 * Markdown as HTML, markup in it shown as text. Headings get an id and step down one level: the page's own title
 * is the only first-level one. A link to a notebook leads to its chapter.
 * @param taken ids that the page has; those of this text are added
 */
export function proseOf(source: string, prefix: string, taken: Set<string>): Prose {
  const tokens = markdown.parse(source, {});
  const headings: Heading[] = [];
  for (const [i, token] of tokens.entries()) {
    if (token.type !== "heading_open") continue;
    const level = Number(token.tag.slice(1));
    const text = plainText(tokens[i + 1].children ?? []);
    const id = unique(`${prefix}-${slug(text) || "section"}`, taken);
    const tag = `h${Math.min(6, level + 1)}`;
    token.tag = tag;
    tokens[i + 2].tag = tag;
    token.attrSet("id", id);
    headings.push({ level, text, id });
  }
  for (const token of tokens.flatMap(({ children }) => children ?? [])) {
    // A number and its % stay on one line.
    if (token.type === "text") token.content = token.content.replaceAll(/(\d) %/g, "$1\u00A0%");
    const [, notebook] = NOTEBOOK.exec(String(token.attrGet("href") ?? "")) ?? [];
    if (notebook !== undefined) token.attrSet("href", `#${notebook}`);
  }
  return { html: markdown.renderer.render(tokens, markdown.options, {}), headings };
}

function plainText(tokens: readonly { content: string }[]): string {
  return tokens.map((token) => token.content).join("");
}

/** The id, with a number where it is taken. */
export function unique(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let n = 2; taken.has(id); n += 1) id = `${wanted}-${n}`;
  taken.add(id);
  return id;
}
