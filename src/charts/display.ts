import { pageScripts, readAsset } from "./assets.ts";
import type { FigureParts } from "./figure.ts";
import { figureHtml, spokenOf } from "./html.ts";

let scriptsSent = false;

/**
 * A figure as a kernel displays it: mime type → content. The scripts are sent with the first figure that the
 * process displays: a kernel process serves one notebook page. With the others is a short one that gets them from
 * JupyterLab where the page was reloaded since.
 */
export function displayBundle(figure: FigureParts): Record<string, string> {
  const scripts = (scriptsSent ? [readAsset("reload.min.js")] : pageScripts()).map(scriptElement).join("");
  scriptsSent = true;
  return { "text/html": figureHtml(figure) + scripts, "text/plain": spokenOf(figure).en };
}

function scriptElement(code: string): string {
  return `<script data-candlebook="page">${code}</script>`;
}
