import { element, setLabel } from "../dom.ts";
import { csvText, type SortDirection, sortedPlaces } from "./cells.ts";

/** Cells with more characters may break into several lines; dates and numbers never do. */
const LONG = 24;

/** Makes each head of a table a button that sorts by its column, up first. */
export function makeSortable(table: HTMLTableElement): void {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  for (const [column, head] of heads.entries()) {
    const button = element("button", { type: "button" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
      sortRows(table.tBodies[0], column, direction);
    });
  }
}

function sortRows(body: HTMLTableSectionElement, column: number, direction: SortDirection): void {
  const rows = [...body.rows];
  const texts = rows.map(({ cells }) => (cells[column] ? cellValue(cells[column]) : ""));
  body.append(...sortedPlaces(texts, direction).map((place) => rows[place]));
}

/** Adds a link below a table that saves it as CSV, in the chosen language, with the cells' exact values where they have one. */
export function addCsvLink(table: HTMLTableElement, name: string): void {
  const link = element("a", { className: "csv", download: name, href: "#", textContent: "CSV" });
  if (table.caption === null) setLabel(link, { en: "this table: CSV", vi: "bảng này: CSV" });
  else {
    link.id = `${name}-link`;
    table.caption.id = `${name}-caption`;
    link.setAttribute("aria-labelledby", `${table.caption.id} ${link.id}`);
  }
  link.addEventListener("click", () => {
    const rows = [...table.rows].map(({ cells }) => [...cells].map(cellValue));
    link.href = URL.createObjectURL(new Blob([csvText(rows)], { type: "text/csv" }));
  });
  const tools = element("p", { className: "table-tools" }, link);
  const next = table.nextElementSibling;
  (next?.localName === "p" ? next : table).after(tools);
}

/** Lets long cells break into several lines. */
export function markLongCells(table: HTMLTableElement): void {
  for (const cell of table.querySelectorAll("tbody td"))
    if (cell.textContent.length > LONG) cell.classList.add("long");
}

/** Marks a part that is wider than the page, and lets the keyboard scroll it. */
export function watchWidth(part: HTMLElement): void {
  const mark = () => {
    const scrolls = part.scrollWidth > part.clientWidth + 1;
    part.classList.toggle("scrolls", scrolls);
    if (part.role === null) part.tabIndex = scrolls ? 0 : -1;
  };
  const observer = new ResizeObserver(mark);
  observer.observe(part);
  for (const child of part.children) observer.observe(child);
}

/** The number that a cell was made of, else its text in the chosen language: of the others' nothing is shown. */
function cellValue(cell: HTMLElement): string {
  return cell.dataset.value ?? cell.innerText.trim();
}
