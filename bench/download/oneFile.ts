// node bench/download/oneFile.ts URL SYMBOL PERIOD STATE OUT: one file of the archive, fetched, verified and counted.
import type { Workspace } from "../../src/core/workspace.ts";
import { download } from "../../src/sources/download.ts";
import type { Day } from "../../src/time/day.ts";

const [archiveUrl, symbol, period, state, root] = process.argv.slice(2);
const workspace: Workspace = { root, clock: Date.now, resources: { threads: 1, memory: "512MB" } };
const to = (period === "2024-01" ? "2024-01-31" : "2024-01-01") as Day;

async function main(): Promise<void> {
  const options = { archiveUrl, symbols: [symbol], from: "2024-01-01" as Day, to };
  const { files } = await download(workspace, options);
  if (files[0].state !== state) throw new Error(`${files[0].name} is ${files[0].state}, ${files[0].remark}`);
}

void main();
