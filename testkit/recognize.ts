import { type KnownOfText, type Recognition, recognize } from "../src/recognition/recognize.ts";

/** Recognises the first lines of a file named BTCUSDT.csv, of which nothing else is known but what is given. */
export function recognizeLines(lines: readonly string[], known: Partial<KnownOfText> = {}): Recognition {
  const plain = { where: "BTCUSDT.csv", names: ["BTCUSDT.csv"], symbol: null, stated: {}, fetched: false };
  return recognize({ ...plain, ...known }, lines);
}
