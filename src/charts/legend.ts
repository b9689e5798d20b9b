/** How wide a legend's item is, in pixels: its mark, its label and the gap after it. */
export function legendRoom(label: string): number {
  return 36 + label.length * 6.6;
}
