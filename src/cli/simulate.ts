import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { inputError } from "../core/errors.ts";
import { monotonicClock } from "../core/machine.ts";
import { minuteBook } from "../simulator/book.ts";
import { runningClock } from "../simulator/clock.ts";
import type { FaultRule } from "../simulator/faults.ts";
import { madeUpMarket } from "../simulator/madeUpMarket.ts";
import { readRecordings, recordedBook } from "../simulator/recordedBook.ts";
import { startSimulator } from "../simulator/server.ts";
import { parseInstant } from "../time/epoch.ts";
import { symbolList } from "./inputs.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";

interface Options {
  port: string;
  seed: string;
  symbols?: string;
  start?: string;
  speed: string;
  replay?: string;
  faults?: string;
  header?: boolean;
}

export function registerSimulate(program: Command, shell: Shell): void {
  const command = program
    .command("simulate")
    .description(
      "an exchange on 127.0.0.1: REST, archive and WebSocket streams of a simulated or recorded market",
    )
    .option("--port <n>", "port of the exchange; 0: any free port", "0")
    .option("--seed <n>", "seed of the simulated market and of the faults", "1")
    .option("--symbols <list>", "trading pairs of the simulated market (default: BTCUSDT,ETHUSDT)")
    .option("--start <instant>", "start of the exchange's clock (default: now)")
    .option("--speed <n>", "speed of the exchange's clock, as a multiple of real time", "1")
    .option("--replay <dir>", "folder of recorded klines instead of a simulated market")
    .option("--faults <file>", "schedule of faults, a JSON list of rules")
    .option("--header", "archive files with a header");
  attach<Options>(shell, command, "candlebook simulate --speed 60", async (workspace, options, effects) => {
    const seed = wholeNumber("--seed", options.seed, 0, 2 ** 31);
    const speed = wholeNumber("--speed", options.speed, 1, 100_000);
    const start = options.start === undefined ? workspace.clock() : parseInstant(options.start);
    if (start === null) {
      throw inputError(
        "bad_option",
        "--start is not an instant such as 2025-08-18T12:00:00Z.",
        "See --help.",
      );
    }
    const book =
      options.replay === undefined
        ? minuteBook(madeUpMarket({ seed, symbols: symbolList(options.symbols) }))
        : recordedBook(await readRecordings(options.replay));
    const began = monotonicClock();
    const simulator = await startSimulator({
      book,
      // Clients must know: simulated prices are never written to a workspace with real ones.
      madeUp: options.replay === undefined,
      seed,
      clock: runningClock(start, speed, () => monotonicClock() - began),
      faults: options.faults === undefined ? [] : await readFaults(options.faults),
      port: wholeNumber("--port", options.port, 0, 65_535),
      header: options.header,
      pongTimeoutMs: speed === 1 ? 60_000 : undefined,
    });
    const { restUrl, archiveUrl, streamUrl } = simulator;
    shell.terminal.out(`${JSON.stringify({ restUrl, archiveUrl, streamUrl })}\n`);
    if (!options.quiet) shell.terminal.err(linesToCopy({ restUrl, archiveUrl, streamUrl }));
    if (!effects.signal.aborted) {
      await new Promise((resolve) => effects.signal.addEventListener("abort", resolve, { once: true }));
    }
    const requests = simulator.requests.length;
    await simulator.close();
    return { json: { requests }, text: "" };
  });
}

/** Lines that name the exchange to the commands of another terminal, in the language of its shell. */
function linesToCopy({ restUrl, archiveUrl, streamUrl }: Record<string, string>): string {
  const line = process.platform === "win32" ? powerShellLine : posixLine;
  return [
    "In another terminal:",
    line("CANDLEBOOK_REST_URL", restUrl),
    line("CANDLEBOOK_ARCHIVE_URL", archiveUrl),
    line("CANDLEBOOK_STREAM_URL", streamUrl),
    "",
  ].join("\n");
}

const posixLine = (name: string, value: string) => `export ${name}=${value}`;
const powerShellLine = (name: string, value: string) => `$env:${name} = "${value}"`;

async function readFaults(path: string): Promise<FaultRule[]> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw inputError(
      "bad_faults",
      "The fault schedule can't be read as JSON.",
      "Give a file with a JSON list.",
      cause,
    );
  }
}
