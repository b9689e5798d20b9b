import { stripVTControlCharacters } from "node:util";
import { escapeMarkup } from "../charts/escape.ts";
import { type Output, textOf } from "../notebooks/executedNotebooks.ts";
import { sanitizeHtml } from "./sanitize.ts";

/** What a cell put out, as HTML in which nothing runs; empty where there is nothing for a reader. */
export function outputHtml(output: Output): string {
  switch (output.output_type) {
    case "stream":
      return preformatted(output.text, output.name);
    case "error":
      return preformatted(`${output.ename}: ${output.evalue}`, "stderr");
    default:
      return bundleHtml(output.data);
  }
}

/** The richest form that a page can show without running anything. */
function bundleHtml(data: Record<string, unknown>): string {
  const html = textOf(data["text/html"]);
  // A bar that has arrived says nothing to a reader.
  if (/^<div class="candlebook-progress">/.test(html)) return "";
  if (html !== "") return sanitizeHtml(html);
  const svg = textOf(data["image/svg+xml"]);
  if (svg !== "") return sanitizeHtml(svg);
  const png = textOf(data["image/png"]).replaceAll(/\s/g, "");
  if (/^[\w+/=]+$/.test(png)) return `<img alt="" src="data:image/png;base64,${png}">`;
  return preformatted(textOf(data["text/plain"]), "result");
}

function preformatted(text: string, kind: string): string {
  const plain = stripVTControlCharacters(text);
  return plain.trim() === "" ? "" : `<pre class="${escapeMarkup(kind)}">${escapeMarkup(plain)}</pre>`;
}
