// Text shown in a cell: that of the chosen language.
const textOf = (cell) => cell.innerText.trim();

/** 1,234.5 · −3 · 12.1 % as numbers; null where the cell holds none. */
function numberOf(text) {
  const plain = text.replaceAll(",", "").replace("−", "-").replace(/\s*%$/, "");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

/**
 * Rows in the order of a column: numbers by their value, before texts; cells without a value last.
 * @param {HTMLTableRowElement[]} rows
 */
export function sortedRows(rows, column, down) {
  const keyed = rows.map((row) => {
    const text = row.cells[column] ? textOf(row.cells[column]) : "";
    return { row, text, number: numberOf(text), empty: text === "" || text === "–" };
  });
  keyed.sort((a, b) => {
    if (a.empty !== b.empty) return a.empty ? 1 : -1;
    const order =
      a.number !== null && b.number !== null
        ? a.number - b.number
        : Number(a.number === null) - Number(b.number === null) ||
          (a.text < b.text ? -1 : Number(a.text > b.text));
    return down ? -order : order;
  });
  return keyed.map(({ row }) => row);
}

/** The table as CSV; a text that a spreadsheet would take for a formula gets an apostrophe in front. */
export function csvOf(table) {
  const value = (cell) => cell.dataset.value ?? textOf(cell);
  const lines = [...table.rows].map((row) => [...row.cells].map((cell) => csvCell(value(cell))).join(","));
  return `${lines.join("\n")}\n`;
}

function csvCell(text) {
  const number = numberOf(text);
  if (number !== null && !text.includes("%")) return String(number);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
