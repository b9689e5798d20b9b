import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { countForm, type FileReading, type GrowingFacts, knownOf, newFacts } from "../batch/importFile.ts";
import { cutPieces, firstLines } from "../batch/pieces.ts";
import { type Stretch, stretchesOf } from "../batch/stretches.ts";
import { linesOf, type OpenedFile, openRaw, type RawText } from "../batch/texts.ts";
import { cellsOf } from "../recognition/cells.ts";
import type { KnownOfText } from "../recognition/known.ts";
import { type Recognition, recognize } from "../recognition/recognize.ts";
import { timeCell } from "../recognition/timeForm.ts";
import { openTimeOf } from "../recognition/times.ts";

/** A text of a raw file, recognised, and where Spark can read it. */
export interface SeenText {
  text: RawText;
  /** Its place in the file, from 0. */
  index: number;
  /** Absolute. A gzip is unpacked by Spark itself. */
  path: string;
  gzip: boolean;
  known: KnownOfText;
  recognition: Recognition;
  /** The header's line and those before it. */
  head: string[];
  /** Whether its first candles go back in time. */
  descends: boolean;
  stretches: Stretch[];
}

/** A raw file whose texts were recognised. */
export interface SeenFile extends FileReading, Pick<OpenedFile, "container" | "passedOver"> {
  facts: GrowingFacts;
  texts: SeenText[];
  sha256: string;
}

/**
 * Recognises a file's texts and looks at some of their stretches, in one pass over the file's bytes.
 * @throws CandlebookError where the file as a whole can't be read
 */
export async function seeFile(reading: FileReading): Promise<SeenFile> {
  const { file, spill } = reading;
  const opened = await openRaw(file.absolute, file.name);
  const facts = newFacts();
  await mkdir(spill, { recursive: true });
  const texts: SeenText[] = [];
  for (const [index, text] of opened.texts.entries()) {
    const unpacked = opened.container === "zip" ? join(spill, `text-${index}.csv`) : null;
    const known = knownOf(file, text);
    const seen = await seeText(known, text, { unpacked, spill, facts });
    countForm(text.name, facts, seen.recognition);
    const gzip = opened.container === "gzip";
    texts.push({ text, index, path: unpacked ?? file.absolute, gzip, known, ...seen });
  }
  const { container, passedOver } = opened;
  return { ...reading, facts, texts, container, passedOver, sha256: await opened.sha256() };
}

async function seeText(
  known: KnownOfText,
  text: RawText,
  { unpacked, spill, facts }: { unpacked: string | null; spill: string; facts: GrowingFacts },
): Promise<Pick<SeenText, "recognition" | "head" | "descends" | "stretches">> {
  // Of a zip of several texts, the first one's evidence is kept.
  const evidence = facts.evidence.length === 0 ? facts.evidence : [];
  let seen: { recognition: Recognition; lines: string[] } | null = null;
  const stretches: Stretch[] = [];
  for await (const piece of cutPieces(known.where, text.chunks(), spill)) {
    if (seen === null) {
      const lines = await firstLines(piece.path);
      seen = { lines, recognition: recognize(known, lines, evidence) };
    }
    stretches.push(...(await stretchesOf(piece, seen.recognition)));
    if (unpacked !== null)
      await pipeline(createReadStream(piece.path), createWriteStream(unpacked, { flags: "a" }));
    await rm(piece.path);
  }
  const { recognition, lines } = seen ?? { recognition: recognize(known, []), lines: [] };
  const { headerLine } = recognition.form;
  const descends = goesBack(lines.slice(headerLine, headerLine + 20), recognition);
  return { recognition, head: lines.slice(0, headerLine), descends, stretches };
}

function goesBack(lines: readonly string[], { form }: Recognition): boolean {
  const { columns, decimal, delimiter, times } = form;
  const opens = lines.flatMap((line) => {
    const cell = timeCell(cellsOf(line, delimiter), columns.time, columns.timeOfDay, decimal);
    return openTimeOf(cell, times) ?? [];
  });
  return opens.length > 1 && opens[opens.length - 1] < opens[0];
}

/** The numbers, from 1, of the first lines behind the header with some texts. */
export async function lineNumbers(
  { file }: SeenFile,
  { index, head }: SeenText,
  wanted: ReadonlySet<string>,
): Promise<Map<string, number>> {
  // Opened again: the first opening's hash is closed.
  const text = (await openRaw(file.absolute, file.name)).texts[index];
  const found = new Map<string, number>();
  for await (const { line, text: one } of linesOf(text)) {
    if (line > head.length && wanted.has(one) && !found.has(one)) found.set(one, line);
    if (found.size === wanted.size) break;
  }
  return found;
}
