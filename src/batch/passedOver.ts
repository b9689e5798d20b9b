const DELIMITERS = [",", ";", "\t", "|"];
const NUMBER = /^[+-]?\.?\d[\d.,:/+\-'TZe_ ]*( ?(UTC|GMT|AM|PM|%))?$/i;
const NO_NUMBER = /^(nan|null|none|n\/a|[+-]?inf(inity)?)$/i;

/** Bytes of a text in which a row of numbers is looked for. */
const HEAD_BYTES = 64 * 1024;

/**
 * Whether a file in a folder, or an entry of a zip, can't be a text of candles, by its name alone.
 * @param path with `/` between folders
 * @param readable what the names of files that are read end in
 * @returns the reason, for a person; null where it may hold candles
 */
export function passedOverByName(path: string, readable: RegExp): string | null {
  const parts = path.split("/");
  if (parts.some((part) => /^\.[^.]/.test(part) || part === "__MACOSX")) return "hidden";
  if (path.endsWith("/")) return "a folder";
  if (readable.test(path)) return null;
  return /\.zip$/i.test(path) ? "a zip in a zip" : "no name of a file of candles";
}

/**
 * Whether a text begins as a table of numbers, whatever its form. One that does is read or refused; only a text
 * that does not is passed over.
 * @param lines its first lines, without line ends
 */
export function looksLikeTable(lines: readonly string[]): boolean {
  return lines.some((line) => {
    const text = line.replace(/[\0\uFEFF"[\]{}]/g, "").trim();
    const words = text.split(/\s+/);
    if (words.length > 2 && words.every((word) => NUMBER.test(word))) return true;
    return DELIMITERS.some((delimiter) => isRow(text.split(delimiter)));
  });
}

/** At least two numbers, and no more words than numbers. */
function isRow(fields: readonly string[]): boolean {
  const filled = fields.map((field) => field.trim()).filter((field) => field !== "");
  const numbers = filled.filter((field) => NUMBER.test(field));
  const numeric = numbers.length + filled.filter((field) => NO_NUMBER.test(field)).length;
  return numbers.length > 0 && numeric > 1 && 2 * numeric >= filled.length;
}

/**
 * Whether a text begins as a table of numbers. One that does not is read to its end, so that what is wrong with
 * its bytes is found even so.
 * @throws what reading the chunks throws
 */
export async function holdsTable(chunks: AsyncIterable<Buffer>): Promise<boolean> {
  let head = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head.length >= HEAD_BYTES) continue;
    head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
    if (looksLikeTable(head.toString("utf8").split(/\r\n|\r|\n/))) return true;
  }
  return false;
}

/** Names of what was passed over, for a message: the first few, and how many more there are. */
export function fewOf(passedOver: readonly string[]): string {
  const shown = passedOver.slice(0, 5).join("; ");
  return passedOver.length > 5 ? `${shown}; and ${passedOver.length - 5} more` : shown;
}
