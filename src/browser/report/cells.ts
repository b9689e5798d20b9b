export type SortDirection = "ascending" | "descending";

/** The number of a cell, plain or as English writes it, 1,234.5 · −3 · 12.1 %; null where it has none. */
export function numberOf(text: string): number | null {
  const plain = text.replaceAll(",", "").replace("−", "-").replace(/\s*%$/, "");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

/**
 * The order of a column's cells: numbers by their value, before texts; cells without a value last in both directions.
 * @returns the places of `texts` in that order
 */
export function sortedPlaces(texts: readonly string[], direction: SortDirection): number[] {
  const cells = texts.map((text, place) => ({
    place,
    text,
    number: numberOf(text),
    empty: text === "" || text === "–",
  }));
  cells.sort((a, b) => {
    if (a.empty !== b.empty) return a.empty ? 1 : -1;
    const order =
      a.number !== null && b.number !== null
        ? a.number - b.number
        : Number(a.number === null) - Number(b.number === null) ||
          (a.text < b.text ? -1 : Number(a.text > b.text));
    return direction === "descending" ? -order : order;
  });
  return cells.map(({ place }) => place);
}

/** Rows as CSV. Numbers lose their grouping; a text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(",")}\n`).join("");
}

function csvCell(text: string): string {
  const number = numberOf(text);
  if (number !== null && !text.includes("%")) return String(number);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
