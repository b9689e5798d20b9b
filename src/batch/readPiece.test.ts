import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recognizeLines } from "../../testkit/recognize.ts";
import { SOAK_TIMEOUT_MS, tries } from "../../testkit/soak.ts";
import { scratchWorkspace } from "../../testkit/tables.ts";
import { seededRandom } from "../core/random.ts";
import type { Workspace } from "../core/workspace.ts";
import { MINUTE_FIGURES } from "../lake/columns.ts";
import { type Lake, withLake } from "../lake/session.ts";
import type { FileForm } from "../recognition/form.ts";
import type { EpochMs } from "../time/epoch.ts";
import { BUFFER_BYTES } from "./parseSql.ts";
import { cutPieces, firstLines, linesAt } from "./pieces.ts";
import { type ReadPiece, readByColumn, readByLine } from "./readPiece.ts";

const LATEST = Date.UTC(2026, 0, 2) as EpochMs;
const TEXTS = tries(30, 5_000);

let workspace: Workspace;
beforeAll(async () => {
  workspace = await scratchWorkspace();
});
afterAll(() => rm(workspace.root, { recursive: true }));

/** What the engine's reader of columns and its way from a text to a number see differently, or may one day. */
const ODD_CELLS = [
  "",
  " 14",
  "14 ",
  "+14",
  "1_4",
  "1e1",
  "0x10",
  "1e999",
  "1e-400",
  "-0",
  "0",
  "-1",
  "nan",
  "inf",
  "-inf",
  ".5",
  "5.",
  "- 5",
  "00014",
  "NULL",
  "14f",
  "1.4.1",
  "1'000",
  "1,234",
  '"14"',
  '14"',
  "9007199254740993",
  "123456789012345678901234567890",
  "4.5",
  "true",
  "#14",
  "14#",
  "\\N",
];
const ODD_LINES = [",", ",,,,,,", " ", "#", "\\", '"', "a", "1700000040000", "_", "-"];

interface Writing {
  delimiter: string;
  header: string | null;
  /** As the exchange's own rows. */
  kline: boolean;
  trades: boolean;
  /** Columns that no one reads, after the others. */
  more: number;
  /** Milliseconds in the unit of time, of the first rows and of the last third. */
  units: [number, number];
}

interface Chance {
  random: () => number;
  pick: <Value>(values: readonly Value[]) => Value;
}

function randomText(seed: number): string {
  const random = seededRandom(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)];
  const chance = { random, pick };
  const writing = randomWriting(chance);
  const odd = pick([0, 0.002, 0.02]);
  const lines = headerLines(chance, writing);
  const wanted = 1 + Math.floor(random() ** 2 * 900);
  let time = pick([Date.UTC(2019, 11, 31, 18), Date.UTC(2012, 1, 28), Date.UTC(2025, 5)]);
  for (let i = 0; i < wanted; i += 1) {
    time += random() < 0.01 ? -3 * 60_000 : 60_000;
    const isOdd = i > 0 && random() < odd / 4;
    const at = time / writing.units[i * 3 < wanted * 2 ? 0 : 1];
    lines.push(isOdd ? pick(ODD_LINES) : rowOf(chance, [time, at], writing, i > 0 ? odd : 0));
  }
  return lines.join("\n") + (random() < 0.8 ? "\n" : "");
}

function randomWriting({ random, pick }: Chance): Writing {
  const kline = random() < 0.3;
  return {
    delimiter: pick([",", ";", "\t", "|"]),
    header: kline ? null : pick(["open_time", "time", "Unix"]),
    kline,
    trades: kline || random() < 0.6,
    more: kline ? 3 : pick([0, 0, 1]),
    units: pick([
      [1, 1],
      [1, 1],
      [1000, 1000],
      [0.001, 0.001],
      [1, 0.001],
      [0.001, 1000],
    ]),
  };
}

function headerLines({ random }: Chance, { header, trades, more, delimiter }: Writing): string[] {
  if (header === null) return [];
  const note = random() < 0.2 ? ["# a note"] : [];
  const names = [header, "open", "high", "low", "close", "volume", ...(trades ? ["trades"] : [])];
  return [...note, [...names, ...Array(more).fill("other")].join(delimiter)];
}

/** @param ms the open time in milliseconds; `at` is the same as it is written */
function rowOf(
  { random, pick }: Chance,
  [ms, at]: [number, number],
  writing: Writing,
  share: number,
): string {
  const { kline, trades, more, delimiter } = writing;
  const open = Math.round(random() * 1e6) / 100 + 1;
  const close = Math.round((open + random() - 0.5) * 100) / 100;
  const volume = Math.floor(random() * 1e5) / 1e5;
  const cells = [String(at), open, Math.max(open, close) + 1, Math.min(open, close) - 0.5, close, volume].map(
    String,
  );
  if (kline) cells.push(String(ms + 59_999), String(volume * close));
  if (trades) cells.push(random() < share ? "" : String(Math.floor(random() * 900)));
  cells.push(...(kline ? [volume / 2, (volume / 2) * close, 0].map(String) : Array(more).fill("7")));
  if (random() < share) cells[Math.floor(random() * cells.length)] = pick(ODD_CELLS);
  if (random() < share / 4) cells.pop();
  if (random() < share / 4) cells.push(pick(["", "", " ", "9"]));
  if (random() < share / 4) cells[0] = String(at * pick([1000, 0.001, 1.0000001]));
  return cells.join(delimiter);
}

async function* chunksOf(text: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += bytes) yield text.subarray(at, at + bytes);
}

async function contents(lake: Lake, { groups, candles, rejects }: ReadPiece) {
  const rows = await lake.rows<{ ms: bigint }>(
    `SELECT ms, ${MINUTE_FIGURES}, 1 / volume AS sign, 1 / quote_volume AS quote_sign, symbol FROM ${candles}`,
  );
  for (const { year, ascending } of groups) {
    if (ascending === undefined || (!ascending && groups.length > 1)) continue;
    const times = rows.map(({ ms }) => Number(ms)).filter((ms) => new Date(ms).getUTCFullYear() === year);
    expect(times.every((ms, i) => i === 0 || ms > times[i - 1])).toBe(ascending);
  }
  return {
    groups: groups.map(({ ascending: _, units: __, ...group }) => group).toSorted((a, b) => a.year - b.year),
    units: groups.reduce((bits, { units }) => bits | units, 0),
    candles: rows,
    rejects: rejects === null ? [] : await lake.rows<{ line: bigint }>(`FROM ${rejects.table}`),
  };
}

describe("a piece read by its columns", () => {
  it(`is what it is line by line (${TEXTS} texts)`, { timeout: SOAK_TIMEOUT_MS }, async () => {
    const seen = { byColumn: 0, pieces: 0, rows: 0, rejects: 0 };
    await withLake(workspace, {}, async (lake) => {
      for (let seed = 1; seed <= TEXTS; seed += 1) {
        const folder = join(workspace.root, String(seed));
        await mkdir(folder);
        const text = Buffer.from(randomText(seed));
        let form: FileForm | null = null;
        for await (const piece of cutPieces("BTCUSDT.csv", chunksOf(text, 5_000), folder, 12_000)) {
          form ??= recognizeLines(await firstLines(piece.path), { stated: { interval: "1m" } }).form;
          seen.pieces += 1;
          const read = await readByColumn(lake, piece, { form, symbol: "BTCUSDT", latest: LATEST });
          if (read === null) continue;
          const found = await contents(lake, read);
          const expected = await contents(
            lake,
            await readByLine(lake, "BTCUSDT.csv", piece, { form, symbol: "BTCUSDT", latest: LATEST }),
          );
          expect({ seed, ...found }).toEqual({ seed, ...expected });
          seen.byColumn += 1;
          seen.rows += found.candles.length;
          seen.rejects += found.rejects.length;
        }
        await rm(folder, { recursive: true });
      }
    });
    expect(seen.byColumn).toBeGreaterThan(seen.pieces / 2);
    expect(seen.rejects).toBeGreaterThan(TEXTS);
    expect(seen.rows).toBeGreaterThan(TEXTS);
  });

  it("is so in a text of several of the reader's buffers", async () => {
    const wrong = ["a", "_", ",,,,,", "0,1,1,1,1,1", "1577836800000,1,2,3,4", "1577836800000,2,1,2,2,1"];
    const lines = Array.from({ length: 100_000 }, (_, i) =>
      i % 499 === 498
        ? wrong[Math.floor(i / 499) % wrong.length]
        : `${Date.UTC(2019, 10) + i * 60_000},7200.25,7201.5,7199,7200.75,${i % 89}.125`,
    );
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    expect(text.length).toBeGreaterThan(2 * BUFFER_BYTES);
    await withLake(workspace, {}, async (lake) => {
      for await (const piece of cutPieces("BTCUSDT.csv", chunksOf(text, 1_000_000), workspace.root)) {
        const form = recognizeLines(await firstLines(piece.path)).form;
        const read = await readByColumn(lake, piece, { form, symbol: "BTCUSDT", latest: LATEST });
        const found = await contents(lake, read as ReadPiece);
        const byLine = await readByLine(lake, "BTCUSDT.csv", piece, {
          form,
          symbol: "BTCUSDT",
          latest: LATEST,
        });
        const expected = await contents(lake, byLine);
        expect(found.rejects).toEqual(expected.rejects);
        expect(found.rejects).toHaveLength(200);
        expect(found.rejects.map(({ line }) => Number(line))).toEqual(
          Array.from({ length: 200 }, (_, i) => 499 * (i + 1)),
        );
        expect(isDeepStrictEqual(found, expected)).toBe(true);
      }
    });
  });
});

describe("lines of a piece by their numbers", () => {
  it("are those that stand there, whatever marks the piece has", async () => {
    const all = Array.from({ length: 1500 }, (_, i) => `${i},${"9".repeat(i % 13)}`);
    const text = Buffer.from(`${all.join("\n")}\n`);
    for (const bytes of [256, 700, 2_048, 100_000]) {
      const folder = join(workspace.root, `lines-${bytes}`);
      await mkdir(folder);
      let next = 0;
      for await (const piece of cutPieces("x.csv", chunksOf(text, bytes), folder, 3_000)) {
        const wanted = Array.from({ length: piece.lines }, (_, i) => i).filter((i) => i % 3 !== 1);
        expect(await linesAt(piece, wanted)).toEqual(wanted.map((i) => all[next + i]));
        next += piece.lines;
      }
      expect(next).toBe(1500);
    }
  });
});
