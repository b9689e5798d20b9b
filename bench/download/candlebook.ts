// node bench/download/candlebook.ts URL FROM TO PARALLEL OUT: download + verify, then unzip each file as ingest reads it.
import { createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Workspace } from "../../src/core/workspace.ts";
import { readZip } from "../../src/core/zip.ts";
import { download } from "../../src/sources/download.ts";
import type { Day } from "../../src/time/day.ts";

const [archiveUrl, from, to, parallel, root] = process.argv.slice(2);
const workspace: Workspace = { root, clock: Date.now, resources: { threads: 2, memory: "512MB" } };

async function main(): Promise<void> {
  const symbols = ["BTCUSDT", "ETHUSDT"];
  const options = { archiveUrl, symbols, from: from as Day, to: to as Day, parallel: Number(parallel) };
  const { files, paths } = await download(workspace, options);
  if (files.some(({ state }) => state !== "fetched")) throw new Error("not all files were fetched");
  for (const path of paths) {
    for (const entry of await readZip(join(root, path), path)) {
      await pipeline(entry.chunks(), createWriteStream(join(root, basename(entry.name))));
    }
  }
}

void main();
