/** The height of a legend's row, pixels. */
export const LEGEND_ROW = 18;
/** The length of a row, pixels: the width of a still figure between its margins. */
const ROW_LENGTH = 862;

/** Where a legend's items are, one after the other: pixels from the left, and the row. */
export function legendPlaces(labels: readonly string[]): { x: number; row: number }[] {
  let [x, row] = [0, 0];
  return labels.map((label) => {
    // Its mark and its label.
    const width = 20 + label.length * 6.6;
    if (x > 0 && x + width > ROW_LENGTH) [x, row] = [0, row + 1];
    const place = { x, row };
    x += width + 16;
    return place;
  });
}
