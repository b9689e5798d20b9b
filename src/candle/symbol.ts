import { inputError } from "../core/errors.ts";

const RESERVED_NAMES = /^(CON|PRN|AUX|NUL|COM\d|LPT\d)$/;

/**
 * A trading pair as the exchange spells it, from what a person typed.
 * @throws CandlebookError `bad_symbol` where it can't be one: symbols become folder names
 */
export function parseSymbol(text: string): string {
  const symbol = text.trim().toUpperCase();
  if (!/^[A-Z0-9]{2,20}$/.test(symbol) || RESERVED_NAMES.test(symbol)) {
    throw inputError(
      "bad_symbol",
      `"${text.slice(0, 40)}" is no trading pair.`,
      "Use the exchange's spelling, letters and digits only, such as BTCUSDT.",
    );
  }
  return symbol;
}

/** Whether a symbol is a spot market of the exchange; else a perpetual (`_PERP`) or a delivery contract (`_YYMMDD`). */
export function isSpot(symbol: string): boolean {
  return !/_(PERP|\d{6})$/.test(symbol);
}

/** The folder name: the lower-case base where the quote is USDT (`btc`), else the whole symbol (`btceur`). */
export function assetOf(symbol: string): string {
  const base = symbol.endsWith("USDT") && symbol.length > 4 ? symbol.slice(0, -4) : symbol;
  const asset = base.toLowerCase();
  return RESERVED_NAMES.test(base) ? symbol.toLowerCase() : asset;
}
