// This version beside a version before, in pairs. Usage: node bench/paired.ts BEFORE [PAIRS] [MILLIONS] [WHAT…]
// BEFORE is a checkout of that version that is built, or `-` to measure this one alone; this one is built too.
// WHAT: seven, twelve (ingest, clean and daily of minutes of so many columns, two symbols), seconds (of one symbol), consume.
// MILLIONS of rows or messages, at most 12; of seconds at most 60.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openEmbeddedTopic } from "../src/topic/embedded.ts";
import { type Measured, measure, type Rival } from "./harness.ts";
import { messages } from "./speed/messages.ts";

const [before, pairs = "3", millions = "11.5", ...wanted] = process.argv.slice(2);
if (before === undefined) throw new Error("Name the folder of the version before, or -.");
const rows = Math.round(Number(millions) * 1e6);
const here = resolve(import.meta.dirname, "..");
const folders = before === "-" ? [here] : [resolve(before), here];
const scratch = mkdtempSync(join(tmpdir(), "candlebook-paired-"));

const HEADER = "open_time,open,high,low,close,volume,trades";
const MORE = ["close_time", "quote_volume", "taker_base", "taker_quote", "ignore"];
interface File {
  symbol: string;
  interval: "1s" | "1m";
  columns: 7 | 12;
  rows: number;
}

/** Candles one after the other, with digits that a real file has. @returns its path */
function writeCandles({ symbol, interval, columns, rows: count }: File): string {
  const path = join(scratch, `${symbol}-${interval}-${columns}.csv`);
  const stepMs = interval === "1s" ? 1_000 : 60_000;
  // From then on there is room for 12 million minutes, and for two years of seconds.
  const from = interval === "1s" ? Date.UTC(2024, 0, 1) : Date.UTC(2010, 0, 1);
  const file = openSync(path, "w");
  const header = columns === 12 ? [HEADER, ...MORE].join() : HEADER;
  let block = [header];
  for (let i = 0; i < count; i += 1) {
    const open = from + i * stepMs;
    const price = 10_000 + ((i * 7_919) % 1_000_003) / 100;
    const volume = ((i * 104_729) % 10_000_019) / 1e5;
    const prices = [price, price + 3.25, price - 2.75, price + 0.5].map((one) => one.toFixed(2));
    const cells = [open, ...prices, volume.toFixed(5), i % 977];
    if (columns === 12) {
      const quote = volume * price;
      cells.push(open + stepMs - 1, quote.toFixed(7), (volume / 3).toFixed(5), (quote / 3).toFixed(7), 0);
    }
    block.push(cells.join());
    if (block.length < 20_000) continue;
    writeSync(file, `${block.join("\n")}\n`);
    block = [];
  }
  writeSync(file, `${block.join("\n")}\n`);
  closeSync(file);
  return path;
}

/** The three stages as a person types them, two threads. */
const stages = (paths: readonly string[]) => (folder: string) => (out: string) => {
  const own = `'${process.execPath}' '${join(folder, "bin/candlebook.mjs")}'`;
  const where = `--workspace '${out}' --threads 2 --quiet`;
  const commands = [`ingest ${paths.map((path) => `'${path}'`).join(" ")}`, "clean", "daily"].map(
    (stage) => `${own} ${stage} ${where}`,
  );
  return { file: "sh", args: ["-c", commands.join(" && ")] };
};

async function loadTopic(): Promise<(folder: string) => Rival["command"]> {
  const path = join(scratch, "data", "topic.db");
  const topic = openEmbeddedTopic({ path, name: "embedded", partitions: 1, clock: () => Date.now() });
  for (const chunk of messages(rows, 5_000)) await topic.append(chunk);
  await topic.close();
  return (folder) => (out) => ({
    file: process.execPath,
    args: [join(folder, "bench/speed/consume.ts"), "embedded", "embedded", scratch, out],
  });
}

const minutes = (columns: 7 | 12) => async () =>
  stages(
    ["BTCUSDT", "ETHUSDT"].map((symbol) =>
      writeCandles({ symbol, interval: "1m", columns, rows: Math.round(rows / 2) }),
    ),
  );
const works: Record<string, () => Promise<(folder: string) => Rival["command"]>> = {
  seven: minutes(7),
  twelve: minutes(12),
  seconds: async () => stages([writeCandles({ symbol: "BTCUSDT", interval: "1s", columns: 7, rows })]),
  consume: loadTopic,
};

/** Every run of each version; which of a pair is first changes from pair to pair. */
async function measurePairs(
  commandOf: (folder: string) => Rival["command"],
): Promise<Map<string, Measured[]>> {
  const found = new Map<string, Measured[]>(folders.map((folder) => [folder, []]));
  for (let pair = 0; pair < Number(pairs); pair += 1) {
    for (const folder of pair % 2 === 0 ? folders : [...folders].reverse()) {
      const out = mkdtempSync(join(scratch, "out-"));
      const measured = await measure({ name: folder, command: commandOf(folder) }, out);
      found.get(folder)?.push(measured);
      rmSync(out, { recursive: true });
      console.error(`pair ${pair + 1}: ${folder}: ${measured.seconds.toFixed(1)} s`);
    }
  }
  return found;
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

function show(what: string, found: Map<string, Measured[]>): void {
  const load = readFileSync("/proc/loadavg", "utf8").split(" ", 3).join(" ");
  console.log(`\n${what}, ${millions} million; load of the machine at the end: ${load}`);
  const [first] = found.values();
  for (const [folder, runs] of found) {
    const ratio = (name: "seconds" | "cpu") =>
      (sum(runs.map((run) => run[name])) / sum(first.map((run) => run[name]))).toFixed(2);
    const list = (name: "seconds" | "cpu") => runs.map((run) => run[name].toFixed(1)).join(", ");
    const peaks = runs.map(({ peak }) => Math.round(peak / 1e6)).join(", ");
    console.log(
      `${folder}: wall ${list("seconds")} s (${ratio("seconds")}); processor ${list("cpu")} s (${ratio("cpu")}); peak ${peaks} MB`,
    );
  }
}

try {
  for (const what of wanted.length === 0 ? Object.keys(works) : wanted) {
    const work = works[what];
    if (work === undefined) throw new Error(`${what} is none of ${Object.keys(works).join(", ")}.`);
    show(what, await measurePairs(await work()));
  }
} finally {
  rmSync(scratch, { recursive: true });
}
