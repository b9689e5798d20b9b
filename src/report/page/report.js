// Runs twice. In the report: folds code, switches the language, sorts tables, hands them out as CSV. In the worker that
// the report makes of this same text: forecasts, so that the page answers meanwhile.
import { answerChoices } from "./answer.js";
import { makeLanguage } from "./language.js";
import { makeRecompute } from "./recompute.js";
import { csvOf, sortedRows } from "./tables.js";

/** More characters than this are read in several lines; dates and numbers never break. */
const LONG = 24;

if (typeof document === "undefined") answerChoices();
else makePage(document.currentScript.textContent);

function makePage(ownText) {
  const codeButton = document.querySelector("#all-code");
  codeButton?.addEventListener("click", () => {
    const open = codeButton.getAttribute("aria-pressed") !== "true";
    codeButton.setAttribute("aria-pressed", String(open));
    for (const cell of document.querySelectorAll("details.code")) cell.open = open;
  });
  for (const [i, table] of [...document.querySelectorAll("main .output table")].entries()) {
    if (table.tBodies[0]?.rows.length > 1 || table.dataset.live) makeSortable(table);
    offerCsv(table, `table-${i + 1}.csv`);
    for (const cell of table.querySelectorAll("tbody td"))
      if (cell.textContent.length > LONG) cell.classList.add("long");
  }
  makeRecompute(ownText);
  makeLanguage();
}

function makeSortable(table) {
  for (const [column, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      table.tBodies[0].append(...sortedRows([...table.tBodies[0].rows], column, down));
    });
  }
}

function offerCsv(table, name) {
  const link = document.createElement("a");
  link.className = "csv";
  link.download = name;
  link.textContent = "CSV";
  link.setAttribute("aria-label", `${table.caption?.textContent || "this table"}: CSV`);
  link.href = "#";
  link.addEventListener("click", () => {
    link.href = URL.createObjectURL(new Blob([csvOf(table)], { type: "text/csv" }));
  });
  const tools = document.createElement("p");
  tools.className = "table-tools";
  tools.append(link);
  const more = table.nextElementSibling;
  (more?.localName === "p" ? more : table).after(tools);
}
