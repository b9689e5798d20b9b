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

/** Where sizes and offsets are: in 32-bit fields, or in an extra field with 64 bits each. */
interface Fields {
  narrow(value: number): number;
  extraOf(...values: number[]): Buffer;
}
const NARROW: Fields = { narrow: (value) => value, extraOf: () => numbers() };
const WIDE: Fields = {
  narrow: () => NONE32,
  extraOf: (...values) =>
    numbers([2, 1], [2, values.length * 8], ...values.map((n): [number, number] => [8, n])),
};

/** A zip as no tool would write it (PKWARE APPNOTE 4.3). */
export function packZip(entries: readonly EntryToPack[], options: ZipToPack = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { local, listed } = packEntry(entry, entry.offset ?? at, options.zip64 ? WIDE : NARROW);
    parts.push(local);
    directory.push(listed);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...parts, listed, endOf(at, listed.length, { count: entries.length, ...options })]);
}

/** An entry with its local header, and what the directory says of it. */
function packEntry(
  entry: EntryToPack,
  place: number,
  { narrow, extraOf }: Fields,
): { local: Buffer; listed: Buffer } {
  const text = Buffer.from(entry.text as Uint8Array);
  const { method = 8, flags = 0x800 } = entry;
  const bytes = method === 0 ? text : deflateRawSync(text);
  const { packed = bytes.length, size = text.length } = entry;
  const sizes = numbers([4, crc32(text)], [4, narrow(packed)], [4, narrow(size)]);
  const start = (name: Buffer, extra: Buffer) =>
    Buffer.concat([
      numbers([2, 45], [2, flags], [2, method], [4, 0x00210000]),
      sizes,
      numbers([2, name.length], [2, extra.length]),
    ]);
  const localName = Buffer.from((entry.localName ?? entry.name) as Uint8Array);
  const localExtra = extraOf(size, packed);
  const name = Buffer.from(entry.name as Uint8Array);
  const extra = extraOf(size, packed, place);
  const attributes = numbers([2, 0], [2, 0], [2, 0], [4, 0], [4, narrow(place)]);
  return {
    local: Buffer.concat([
      numbers([4, 0x04034b50]),
      start(localName, localExtra),
      localName,
      localExtra,
      bytes,
    ]),
    listed: Buffer.concat([numbers([4, 0x02014b50], [2, 45]), start(name, extra), attributes, name, extra]),
  };
}

/** The end record of a directory that begins at `at`. */
function endOf(at: number, length: number, { zip64, disk = 0, count = 0 }: ZipToPack): Buffer {
  const end = numbers(
    [4, 0x06054b50],
    [2, zip64 ? 0xffff : disk],
    [2, 0],
    [2, count],
    [2, count],
    [4, zip64 ? NONE32 : length],
    [4, zip64 ? NONE32 : at],
    [2, 0],
  );
  if (!zip64) return end;
  const record = numbers([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, disk], [4, 0]);
  const sizes = numbers([8, count], [8, count], [8, length], [8, at]);
  const locator = numbers([4, 0x07064b50], [4, 0], [8, at + length], [4, 1]);
  return Buffer.concat([record, sizes, locator, end]);
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
