import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { failure } from "../core/errors.ts";

let loaded: string[] | undefined;

/**
 * The scripts that draw figures in a page: plotly's partial bundle and ours, which finds the figures and draws
 * them as they scroll into view. Order matters.
 * @throws CandlebookError `no_bundle` where the set-up's build step has not run
 */
export function pageScripts(): readonly string[] {
  loaded ??= ["plotly.min.js", "figures.min.js"].map(readAsset);
  return loaded;
}

/** A script that `environment/bundle.mjs` built. This file is two folders below the project in src and in dist. */
export function readAsset(name: string): string {
  try {
    return readFileSync(fileURLToPath(new URL(`../../dist/assets/${name}`, import.meta.url)), "utf8");
  } catch (cause) {
    throw failure(
      "no_bundle",
      `The script for interactive figures is missing: dist/assets/${name}.`,
      "Run `npm run setup`: it builds it.",
      cause,
    );
  }
}
