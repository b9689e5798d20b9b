import type { Text } from "../../core/text.ts";
import { element, setText } from "../dom.ts";

export interface LiveTable {
  id: string;
  caption: Text;
  heads: readonly Text[];
  rows: readonly (readonly Text[])[];
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
      setText(cell, text);
    }
  }
}

function createTable(
  place: HTMLElement,
  id: string,
  caption: Text,
  heads: readonly Text[],
): HTMLTableElement {
  const table = element("table", { id });
  setText(table.createCaption(), caption);
  const cells = heads.map((head) => {
    const cell = element("th", { scope: "col" });
    setText(cell, head);
    return cell;
  });
  table
    .createTHead()
    .insertRow()
    .append(...cells);
  table.createTBody();
  place.append(element("div", { className: "wide" }, table));
  return table;
}
