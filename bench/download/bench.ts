// Download + verify + unzip from a local simulator, beside curl, sha256sum and unzip on the same files.
// Usage: node bench/download/bench.ts [MONTHS] [ROUNDS]
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock, startSimulator } from "../../src/simulator/server.ts";
import { addDays, type Day } from "../../src/time/day.ts";
import { archiveFiles } from "../../src/venues/binance/archiveClient.ts";
import { compare, resultTable } from "../harness.ts";

const months = Number(process.argv[2] ?? 6);
const rounds = Number(process.argv[3] ?? 3);
const from = "2024-01-01" as Day;
const to = addDays(`2024-${String(months + 1).padStart(2, "0")}-01` as Day, -1);

async function main(): Promise<void> {
  const simulator = await startSimulator({
    clock: manualClock(Date.UTC(2026, 0, 1)),
    seed: 1,
    madeUp: false,
  });
  const files = ["BTCUSDT", "ETHUSDT"].flatMap((symbol) => archiveFiles(symbol, "1m", from, to));
  const urls = files.map(({ path }) => simulator.archiveUrl + path);
  // Packed once before anything is measured: the simulator keeps them.
  for (const url of urls) await (await fetch(url)).arrayBuffer();
  const scratch = mkdtempSync(join(tmpdir(), "candlebook-bench-"));
  const here = import.meta.dirname;
  try {
    const measured = await compare({
      rounds,
      scratch,
      rivals: [
        ...[4, 1].map((parallel) => ({
          name: `candlebook, ${parallel} at a time`,
          command: (out: string) => ({
            file: process.execPath,
            args: [join(here, "candlebook.ts"), simulator.archiveUrl, from, to, String(parallel), out],
          }),
        })),
        {
          name: "curl, sha256sum, unzip",
          command: (out) => ({ file: join(here, "tools.sh"), args: [out, ...urls] }),
        },
      ],
      check: async (name, out) => {
        const sizes = readdirSync(out)
          .filter((file) => file.endsWith(".csv"))
          .map((file) => statSync(join(out, file)).size);
        if (sizes.length !== files.length || sizes.some((size) => size < 1e6))
          throw new Error(`${name}: not all came`);
      },
    });
    console.log(resultTable(measured));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    await simulator.close();
  }
}

void main();
