import { en, sameText, type Text } from "../core/text.ts";

/** Names the axis of prices. */
export function priceAxis(quote: Text): Text {
  return en`price, ${quote}`.vi`giá, ${quote}`;
}

/** Names the axis of volumes. */
export function volumeAxis(base: Text): Text {
  return en`volume, ${base}`.vi`khối lượng, ${base}`;
}

/** Base and quote currency, as far as the symbol shows them. */
export function unitsOf(symbol: string): { base: Text; quote: Text } {
  const [, base, quote] = /^(.+)(USDT|USDC|FDUSD|BUSD|USD|EUR|BTC|ETH|BNB|TRY)$/.exec(symbol) ?? [];
  return {
    base: base === undefined ? { en: "base currency", vi: "tiền cơ sở" } : sameText(base),
    quote: quote === undefined ? { en: "quote currency", vi: "tiền định giá" } : sameText(quote),
  };
}
