/** A price or volume as exchanges write it: eight decimals. */
export function decimal(value: number): string {
  return value.toFixed(8);
}
