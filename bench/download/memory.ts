// Peak memory of download + verify by the size of the file: a day's and a month's minutes with the longest lines that
// are taken, and a file that is far too long: it comes, its checksum is right, and it is refused.
// Usage: node bench/download/memory.ts [ROUNDS]
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Zip, ZipDeflate } from "fflate";
import { seededRandom } from "../../src/core/random.ts";
import type { Day } from "../../src/time/day.ts";
import { archiveFile } from "../../src/venues/binance/archiveClient.ts";
import type { ArchiveFile } from "../../src/venues/venue.ts";
import { compare, resultTable } from "../harness.ts";

const rounds = Number(process.argv[2] ?? 1);
const day = "2024-01-01" as Day;
/** How many bytes a line has, and whether the file is taken. */
const files = {
  "a day": { file: archiveFile("BTCUSDT", "1m", "daily", day), line: 390, state: "fetched" },
  "a month": { file: archiveFile("BTCUSDT", "1m", "monthly", day), line: 390, state: "fetched" },
  "too long": { file: archiveFile("ETHUSDT", "1m", "monthly", day), line: 12_000, state: "refused" },
};

/** Rows of the archive's form, made long by digits from a seed. */
function pack({ name, from, to }: ArchiveFile, length: number): Buffer {
  const random = seededRandom(1);
  const parts: Uint8Array[] = [];
  const zip = new Zip((error, data) => {
    if (error) throw error;
    parts.push(data);
  });
  const entry = new ZipDeflate(`${name}.csv`, { level: 1 });
  zip.add(entry);
  for (let time: number = from; time < to; time += 60_000) {
    let line = `${time},40000,42000,39000,41000,1,${time + 59_999},1,7,1,1,`;
    while (line.length < length) line += String(random()).slice(2);
    entry.push(Buffer.from(`${line.slice(0, length)}\n`), time + 60_000 >= to);
  }
  zip.end();
  return Buffer.concat(parts);
}

async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-"));
  for (const { file, line } of Object.values(files)) {
    const zip = pack(file, line);
    writeFileSync(join(scratch, `${file.name}.zip`), zip);
    const digest = createHash("sha256").update(zip).digest("hex");
    writeFileSync(join(scratch, `${file.name}.zip.CHECKSUM`), `${digest}  ${file.name}.zip\n`);
    console.log(`${file.name}.zip: ${(zip.length / 1e6).toFixed(1)} MB`);
  }
  const server = createServer((request, response) => {
    const path = join(scratch, String(request.url).split("/").at(-1) ?? "");
    if (existsSync(path)) createReadStream(path).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const measured = await compare({
      rounds,
      scratch,
      rivals: Object.entries(files).map(([name, { file, state }]) => ({
        name,
        command: (out: string) => ({
          file: process.execPath,
          args: [join(import.meta.dirname, "oneFile.ts"), url, file.symbol, file.name.slice(-7), state, out],
        }),
      })),
      check: async () => {},
    });
    console.log(resultTable(measured));
  } finally {
    server.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

void main();
