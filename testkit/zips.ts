import { crc32, deflateRawSync } from "node:zlib";

/** An entry of a zip, and what is to be declared of it instead of the truth. */
export interface EntryToPack {
  name: string | Uint8Array;
  text: string | Uint8Array;
  /** Deflated where nothing else is said. */
  method?: number;
  flags?: number;
  /** In the directory and in the local header. */
  size?: number;
  packed?: number;
  /** In the local header only. */
  localName?: string;
  /** Where the directory says that the local header is, in place of where it is. */
  offset?: number;
}

export interface ZipToPack {
  /** Sizes and offsets in zip64's 64-bit fields. */
  zip64?: boolean;
  disk?: number;
  /** Entries that the end record counts. */
  count?: number;
}

const NONE32 = 0xffffffff;

/** A zip as no tool would write it (PKWARE APPNOTE 4.3). */
export function packZip(entries: readonly EntryToPack[], options: ZipToPack = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const { zip64 = false } = options;
  for (const entry of entries) {
    const text = Buffer.from(entry.text as Uint8Array);
    const { method = 8, flags = 0x800 } = entry;
    const bytes = method === 0 ? text : deflateRawSync(text);
    const { packed = bytes.length, size = text.length } = entry;
    const sizes = numbers([4, crc32(text)], [4, zip64 ? NONE32 : packed], [4, zip64 ? NONE32 : size]);
    const place = entry.offset ?? at;
    const wide = (own: [number, number][]) =>
      zip64 ? numbers([2, 1], [2, own.length * 8], ...own) : numbers();
    const start = (name: Buffer, extra: Buffer) =>
      Buffer.concat([
        numbers([2, 45], [2, flags], [2, method], [4, 0x00210000]),
        sizes,
        numbers([2, name.length], [2, extra.length]),
      ]);
    const localExtra = wide([
      [8, size],
      [8, packed],
    ]);
    const localName = Buffer.from((entry.localName ?? entry.name) as Uint8Array);
    const local = [numbers([4, 0x04034b50]), start(localName, localExtra), localName, localExtra, bytes];
    const extra = wide([
      [8, size],
      [8, packed],
      [8, place],
    ]);
    const name = Buffer.from(entry.name as Uint8Array);
    directory.push(
      numbers([4, 0x02014b50], [2, 45]),
      start(name, extra),
      numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, zip64 ? NONE32 : place]),
      name,
      extra,
    );
    parts.push(...local);
    at += Buffer.concat(local).length;
  }
  const listed = Buffer.concat(directory);
  const { disk = 0, count = entries.length } = options;
  const wideEnd = numbers(
    [4, 0x06064b50],
    [8, 44],
    [2, 45],
    [2, 45],
    [4, disk],
    [4, 0],
    [8, count],
    [8, count],
    [8, listed.length],
    [8, at],
    [4, 0x07064b50],
    [4, 0],
    [8, at + listed.length],
    [4, 1],
  );
  const end = numbers(
    [4, 0x06054b50],
    [2, zip64 ? 0xffff : disk],
    [2, 0],
    [2, count],
    [2, count],
    [4, zip64 ? NONE32 : listed.length],
    [4, zip64 ? NONE32 : at],
    [2, 0],
  );
  return Buffer.concat([...parts, listed, ...(zip64 ? [wideEnd] : []), end]);
}

/** Little-endian numbers of so many bytes each. */
function numbers(...fields: [bytes: number, value: number][]): Buffer {
  return Buffer.concat(
    fields.map(([bytes, value]) => {
      const field = Buffer.alloc(8);
      field.writeBigUInt64LE(BigInt(value));
      return field.subarray(0, bytes);
    }),
  );
}
