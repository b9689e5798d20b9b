import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EntryToPack, packZip } from "../../testkit/zips.ts";
import { CandlebookError } from "./errors.ts";
import { readZip } from "./zip.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "zip-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** All entries' names and texts. */
async function readAll(bytes: Uint8Array): Promise<[name: string, text: string][]> {
  const path = join(folder, "some.zip");
  await writeFile(path, bytes);
  const texts: [string, string][] = [];
  for (const entry of await readZip(path, "some.zip")) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry.chunks()) chunks.push(chunk);
    texts.push([entry.name, Buffer.concat(chunks).toString()]);
  }
  return texts;
}

const TEXT = "time,open\n1,2\n3,4\n5,6\n";
const two: EntryToPack[] = [
  { name: "a/BTCUSDT.csv", text: TEXT },
  { name: "notes.txt", text: "as it is", method: 0 },
];
const truth = two.map(({ name, text }) => [name, text]);

describe("readZip", () => {
  it.each<[string, Uint8Array]>([
    [
      "a usual archive",
      zipSync({ "a/BTCUSDT.csv": Buffer.from(TEXT), "notes.txt": Buffer.from("as it is") }),
    ],
    ["stored and deflated", packZip(two)],
    ["64-bit sizes", packZip(two, { zip64: true })],
  ])("reads %s", async (_, bytes) => {
    expect(await readAll(bytes)).toEqual(truth);
  });

  it("reads an entry without bytes, packed or not", async () => {
    const empty = packZip([
      { name: "a.csv", text: "" },
      { name: "b.csv", text: "", method: 0 },
    ]);
    expect(await readAll(empty)).toEqual([
      ["a.csv", ""],
      ["b.csv", ""],
    ]);
  });

  it("reads no path from a name, and shows each sign of it", async () => {
    const names = [
      "../../etc/passwd.csv",
      "/root.csv",
      "a\nb.csv",
      "a\u202Eb.csv",
      Buffer.from([0xff, 0x41]),
    ];
    const bytes = packZip(names.map((name) => ({ name, text: TEXT })));
    expect((await readAll(bytes)).map(([name]) => name)).toEqual([
      "../../etc/passwd.csv",
      "/root.csv",
      "a\\u{a}b.csv",
      "a\\u{202e}b.csv",
      "\uFFFDA",
    ]);
  });

  const inner: EntryToPack = { name: "b.csv", text: TEXT };
  const outer: EntryToPack = { name: "a.csv", text: packZip([inner]), method: 0 };
  const one = (more: Partial<EntryToPack>): EntryToPack[] => [{ name: "a.csv", text: TEXT, ...more }];
  it.each<[string, string, string, Uint8Array]>([
    ["an encrypted entry", "unread_zip", "encrypted", packZip(one({ flags: 1 }))],
    ["strong encryption", "broken_archive", "encryption", packZip(one({ flags: 0x41 }))],
    ["an unknown method", "unread_zip", "method 93", packZip(one({ method: 93 }))],
    ["a packed size of 0", "broken_archive", "checksum", packZip(one({ packed: 0 }))],
    ["an unpacked size that is too small", "broken_archive", "longer", packZip(one({ size: 5 }))],
    ["an unpacked size that is too large", "broken_archive", "checksum", packZip(one({ size: 500 }))],
    ["a stored size of 0", "broken_archive", "mismatch", packZip(one({ packed: 0, method: 0 }))],
    [
      "other names in its two places",
      "broken_archive",
      "directory says",
      packZip(one({ localName: "b.csv" })),
    ],
    ["entries that overlap", "broken_archive", "overlaps", packZip([outer, { ...inner, offset: 30 + 5 }])],
    ["a name that is there twice", "broken_archive", "two entries", packZip([...two, two[0]])],
    ["one disk of several", "broken_archive", "multi-disk", packZip(two, { disk: 1 })],
    ["one disk of several, 64-bit", "broken_archive", "multi-disk", packZip(two, { disk: 1, zip64: true })],
    ["an entry that is not counted", "broken_archive", "another length", packZip(two, { count: 1 })],
    ["an entry that is not there", "broken_archive", "outside the file", packZip(two, { count: 3 })],
    ["more entries than any", "broken_archive", "entries", packZip(two, { count: 2 ** 40, zip64: true })],
    ["a bomb", "unpacks_too_large", "22", packZip(one({ text: Buffer.alloc(22_000_000) }))],
    [
      "a bomb in many entries",
      "unpacks_too_large",
      "packs so well",
      packZip(Array.from({ length: 12 }, (_, i) => ({ name: `${i}.csv`, text: Buffer.alloc(2_000_000) }))),
    ],
    [
      "a bomb that says it is small",
      "broken_archive",
      "longer",
      packZip(one({ text: Buffer.alloc(22_000_000), size: 100 })),
    ],
  ])("refuses %s", async (_, code, shown, bytes) => {
    await expect(readAll(bytes)).rejects.toMatchObject({
      code,
      exit: 2,
      message: expect.stringContaining(shown),
    });
  });

  it.each<[string, Uint8Array]>([
    ["zip", packZip(two)],
    ["zip of 64-bit sizes", packZip(two, { zip64: true })],
  ])(
    "finds every byte of a small %s that is flipped, every eight that are 255, and every cut, or reads the same",
    async (_, zip) => {
      const flipped = Array.from(zip, (_, i) => zip.map((byte, at) => (at === i ? byte ^ 0x10 : byte)));
      const cut = Array.from(zip, (_, length) => zip.subarray(0, length));
      const wide = Array.from(zip, (_, i) => Buffer.from(zip).fill(0xff, i, Math.min(i + 8, zip.length)));
      let refused = 0;
      for (const bytes of [...flipped, ...wide, ...cut]) {
        try {
          expect(await readAll(bytes)).toEqual(truth);
        } catch (error) {
          if (!(error instanceof CandlebookError)) throw error;
          expect(error.exit).toBe(2);
          refused += 1;
        }
      }
      expect(refused).toBeGreaterThan(2 * zip.length);
    },
  );
});
