import { createHash } from "node:crypto";
import { LANGUAGES, type Text } from "../core/text.ts";
import { pageScripts, readAsset } from "./assets.ts";
import { dataVi, escapeMarkup } from "./escape.ts";
import type { FigureParts } from "./figure.ts";
import { figureHtml } from "./html.ts";

export interface PageParts {
  title: Text;
  language: string;
  /** CSS. */
  style: string;
  /** HTML of the body; scripts and event handlers in it do not run. */
  body: string;
  /** The only scripts that run, in this order. */
  scripts: readonly string[];
  /** They may start workers from text in the page. */
  workers?: boolean;
}

/**
 * A whole HTML page that opens offline. Its Content-Security-Policy lets the named scripts run, by their hash, and
 * forbids every request.
 */
export function htmlPage({ title, language, style, body, scripts, workers = false }: PageParts): string {
  return [
    `<!doctype html>\n<html lang="${escapeMarkup(language)}">\n<head>\n<meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy(scripts, workers)}">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    `<meta name="color-scheme" content="light dark">`,
    `<link rel="icon" href="data:,">`,
    `<title${dataVi(title)}>${escapeMarkup(title.en)}</title>\n<style>${style}</style>\n</head>\n<body>`,
    body,
    ...scripts.map((code) => `<script>${code}</script>`),
    "</body>\n</html>\n",
  ].join("\n");
}

function policy(scripts: readonly string[], workers: boolean): string {
  const hashes = scripts.map((code) => `'sha256-${createHash("sha256").update(code).digest("base64")}'`);
  return [
    "default-src 'none'",
    `script-src ${hashes.join(" ")}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    ...(workers ? ["worker-src blob:"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

const LANGUAGE_NAMES = { en: "English", vi: "Tiếng Việt" } satisfies Text;

/** The buttons that the pages' language switch follows. */
export function languageButtons(language: string): string {
  return LANGUAGES.map(
    (one) =>
      `<button type="button" data-language="${one}" aria-pressed="${one === language}">${LANGUAGE_NAMES[one]}</button>`,
  ).join("\n");
}

/** One figure as a page of its own, interactive, offline, in the reader's language. */
export function toHtmlPage(figure: FigureParts): string {
  return htmlPage({
    title: figure.title,
    language: "en",
    style: FIGURE_STYLE,
    body: `<p class="switches">${languageButtons("en")}</p>\n<main>${figureHtml(figure)}</main>`,
    scripts: [...pageScripts(), readAsset("figure.min.js")],
  });
}

/** What every page with figures needs: a light card in a dark page for the static form, and print in the static form. */
export const FIGURE_STYLE = `
:root { color-scheme: light dark; }
body { margin: 1.5rem; font-family: "DejaVu Sans", Verdana, Geneva, sans-serif; }
.candlebook-static svg { border-radius: 4px; }
@media print {
  .switches { display: none; }
  .candlebook-chart { display: none !important; }
  .candlebook-static { display: block !important; }
  .candlebook-figure { break-inside: avoid; }
}`;
