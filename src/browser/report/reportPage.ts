import { find } from "../dom.ts";
import { LanguageSwitch } from "../languageSwitch.ts";
import { RecomputeSection } from "./recomputeSection.ts";
import { addCsvLink, makeSortable, markLongCells, watchWidth } from "./tableTools.ts";

/** As wide as the page's style has a column for the contents. */
const WIDE = "(min-width: 70rem)";

/** Shows the contents beside the text, and folds them where they are above it. */
function foldContents(): void {
  const list = find<HTMLDetailsElement>(document, "#contents details");
  const wide = window.matchMedia(WIDE);
  const follow = () => {
    list.open = wide.matches;
  };
  wide.addEventListener("change", follow);
  follow();
}

/**
 * Starts the report's controls: folding of code, sorting and CSV of tables, computing, languages.
 * @param script the report's own script, which the worker runs too
 */
export function startReportPage(script: string): void {
  const codeButton = find(document, "#all-code");
  codeButton.addEventListener("click", () => {
    const open = codeButton.getAttribute("aria-pressed") !== "true";
    codeButton.setAttribute("aria-pressed", String(open));
    for (const cell of document.querySelectorAll<HTMLDetailsElement>("details.code")) cell.open = open;
  });
  const tables = document.querySelectorAll<HTMLTableElement>("main .output table");
  for (const [i, table] of [...tables].entries()) {
    if (table.tBodies[0]?.rows.length > 1 || table.dataset.live) makeSortable(table);
    addCsvLink(table, `table-${i + 1}.csv`);
    markLongCells(table);
  }
  const section = document.querySelector<HTMLElement>("#recompute");
  if (section !== null) new RecomputeSection(section, script).start();
  new LanguageSwitch().start();
  foldContents();
  for (const part of document.querySelectorAll<HTMLElement>("main .output, main .wide")) watchWidth(part);
}
