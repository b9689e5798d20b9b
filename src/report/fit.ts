import type { Text } from "../core/text.ts";
import { both } from "./bilingual.ts";
import { WORDS } from "./words.ts";

/** What a cell put out, as the page shows it: whole, a figure's still form alone, or words in its place. */
export interface Piece {
  /** A figure's title, else the cell; HTML. */
  name: string;
  /** The cell's id in the page, escaped; empty where it has none. */
  anchor: string;
  html: string;
  form: "whole" | "still" | "words";
}

const DATA = / data-figure="[^"]*"/g;

/** A piece that is whole. @param cell its name where it is no figure with a title, escaped */
export function wholePiece(html: string, cell: string, anchor: string): Piece {
  const [, vietnamese = "", title] = /<title( data-vi="[^"]*")?>([^<]+)<\/title>/.exec(html) ?? [];
  return {
    name: title === undefined ? cell : `<span${vietnamese}>${title}</span>`,
    anchor,
    html,
    form: "whole",
  };
}

/**
 * Shortens pieces, the largest first, until they are `excess` bytes shorter: figures to their still form, and only
 * where that does not do, outputs to words.
 * @returns whether anything became shorter
 */
export function shorten(pieces: readonly Piece[], excess: number): boolean {
  let saved = 0;
  for (const form of ["still", "words"] as const) {
    const bySize = pieces.filter((piece) => piece.form !== form && piece.form !== "words");
    bySize.sort((a, b) => b.html.length - a.html.length);
    for (const piece of bySize) {
      if (saved >= excess) return true;
      const html = form === "still" ? stillHtml(piece.html) : wordsHtml(piece.html);
      const gain = Buffer.byteLength(piece.html) - Buffer.byteLength(html);
      if (gain <= 0) continue;
      Object.assign(piece, { html, form });
      saved += gain;
    }
  }
  return saved > 0;
}

/** Which pieces are not whole, with the way to them; nothing where all are. */
export function shortenedHtml(pieces: readonly Piece[]): string {
  const listed = (words: Text, form: Piece["form"]) => {
    const found = pieces.filter((piece) => piece.form === form);
    const links = found.map(({ name, anchor }) =>
      anchor === "" ? `<span>${name}</span>` : `<a href="#${anchor}">${name}</a>`,
    );
    return found.length === 0 ? "" : `<p class="shortened">${both(words)} ${links.join(" · ")}</p>`;
  };
  return listed(WORDS.stillListed, "still") + listed(WORDS.leftOutListed, "words");
}

function stillHtml(html: string): string {
  const still = html.replaceAll(DATA, "");
  return still === html ? html : `${still}<p class="shortened">${both(WORDS.still)}</p>`;
}

/** A figure's description stays. */
function wordsHtml(html: string): string {
  const [, words, vietnamese = words] =
    / role="img" aria-label="([^"]+)"(?: data-label-vi="([^"]+)")?/.exec(html) ?? [];
  const said = words === undefined ? "" : `<p data-vi="${vietnamese}">${words}</p>`;
  return `${said}<p class="shortened">${both(WORDS.leftOut)}</p>`;
}
