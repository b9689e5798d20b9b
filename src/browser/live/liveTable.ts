import { element } from "../dom.ts";

export interface LiveTable {
  id: string;
  caption: string;
  heads: readonly string[];
  rows: readonly (readonly string[])[];
}

/** Shows a table in `place`: creates it at first, and later changes only the cells whose text differs. */
export function showTable(place: HTMLElement, { id, caption, heads, rows }: LiveTable): void {
  const table = place.querySelector<HTMLTableElement>(`#${id}`) ?? createTable(place, id, caption, heads);
  if (table.parentElement !== null) table.parentElement.hidden = rows.length === 0;
  const [body] = table.tBodies;
  while (body.rows.length > rows.length) body.deleteRow(-1);
  for (const [i, row] of rows.entries()) {
    const line = body.rows[i] ?? body.insertRow();
    for (const [j, text] of row.entries()) {
      const cell = line.cells[j] ?? line.insertCell();
      if (cell.textContent !== text) cell.textContent = text;
    }
  }
}

function createTable(
  place: HTMLElement,
  id: string,
  caption: string,
  heads: readonly string[],
): HTMLTableElement {
  const table = element("table", { id });
  table.createCaption().textContent = caption;
  const cells = heads.map((head) => element("th", { scope: "col", textContent: head }));
  table
    .createTHead()
    .insertRow()
    .append(...cells);
  table.createTBody();
  place.append(element("div", { className: "wide" }, table));
  return table;
}
