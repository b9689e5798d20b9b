/** A name's letters and digits, lower case. */
export function bareName(cell: string): string {
  return cell.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** A name without what says only that it is of a candle: `Kline open time`, `k.t`. */
export function ownName(cell: string): string {
  return cell.replace(/^(?:k|klines?|candles?|candlesticks?|bars?)[^\p{L}\p{N}]+(?=\p{L})/iu, "");
}

/**
 * Whether the case of single letters counts: WebSocket frames name open time `t` and close time `T`, low `l` and last
 * trade `L`, volume `v` and the takers' `V`.
 */
export function hasCases(cells: readonly string[]): boolean {
  const single = cells.map(ownName).filter((cell) => /^[A-Za-z]$/.test(cell));
  const both = new Set(single.map((cell) => cell.toLowerCase())).size < new Set(single).size;
  return both || (single.includes("c") && single.some((cell) => /^[VQ]$/.test(cell)));
}
