/** Base and quote currency, as far as the symbol's spelling tells. */
export function unitsOf(symbol: string): { base: string; quote: string } {
  const [, base, quote] = /^(.+)(USDT|USDC|FDUSD|BUSD|USD|EUR|BTC|ETH|BNB|TRY)$/.exec(symbol) ?? [];
  return { base: base ?? "base currency", quote: quote ?? "quote currency" };
}
