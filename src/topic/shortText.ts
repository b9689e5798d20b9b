const kept = new Map<number, string>();
const MOST_KEPT = 10_000;
const LONGEST = 40;

/**
 * Decodes bytes to one of few strings that repeat: symbols and keys. Each string is created once, which saves garbage,
 * and makes a lookup by it a comparison of identities.
 */
export function shortText(bytes: Uint8Array, from: number, to: number): string {
  if (to - from > LONGEST) return asText(bytes, from, to);
  let hash = to - from;
  for (let at = from; at < to; at += 1) hash = (Math.imul(hash, 31) + bytes[at]) | 0;
  const known = kept.get(hash);
  if (known !== undefined && same(known, bytes, from, to)) return known;
  const text = asText(bytes, from, to);
  if (kept.size < MOST_KEPT) kept.set(hash, text);
  return text;
}

/** Letter by letter, so that only ASCII is ever found to be the same. */
function same(text: string, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i += 1) {
    const byte = bytes[from + i];
    if (byte > 0x7f || byte !== text.charCodeAt(i)) return false;
  }
  return true;
}

function asText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8");
}
