import type { Command } from "commander";
import { type Generated, generate } from "../simulator/generate.ts";
import { balanceLine } from "./balanceLine.ts";
import { dayOption, symbolList } from "./inputs.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import { bytesText } from "./table.ts";
import { badValue } from "./terminal.ts";

interface Options {
  seed: string;
  from: string;
  to: string;
  symbols?: string;
  duplicates?: string;
  conflicts?: string;
  invalid?: string;
  holes?: string;
}

export function registerGenerate(program: Command, shell: Shell): void {
  const command = program
    .command("generate")
    .description("a simulated market as CSV files of any size, each with its expected result")
    .argument("<folder>", "output folder")
    .requiredOption("--seed <n>", "seed of the market; the same seed gives the same files")
    .requiredOption("--from <day>", "first day (UTC)")
    .requiredOption("--to <day>", "last day (UTC)")
    .option("--symbols <list>", "trading pairs, one file each (default: BTCUSDT,ETHUSDT)")
    .option("--duplicates <share>", "share of minutes with an equal duplicate (default: 0.001)")
    .option("--conflicts <share>", "share of minutes with a duplicate of other values (default: 0.001)")
    .option("--invalid <share>", "share of minutes whose row breaks a rule (default: 0.001)")
    .option("--holes <share>", "share of missing minutes (default: 0.001)");
  const example = "candlebook generate made-up --seed 7 --from 2024-01-01 --to 2024-12-31";
  attach<Options>(shell, command, example, async (_workspace, options, effects, [folder]) => {
    const { duplicates, conflicts, invalid, holes } = options;
    const shares = { duplicates, conflicts, invalid, holes };
    const dirt = Object.fromEntries(
      Object.entries(shares).flatMap(([name, text]) =>
        text === undefined ? [] : [[name, share(name, text)]],
      ),
    );
    const result = await generate(
      folder,
      {
        seed: wholeNumber("--seed", options.seed, 0, 2 ** 31 - 1),
        from: dayOption("--from", options.from),
        to: dayOption("--to", options.to),
        symbols: symbolList(options.symbols),
        dirt,
      },
      effects,
    );
    return { json: { files: result.files.map(shortened) }, text: textOf(result) };
  });
}

function share(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw badValue(`--${name}`, text, "a share from 0 to 1, such as 0.001");
}

function shortened({ name, bytes, expected: { balance, reasons, gaps, days } }: Generated["files"][number]) {
  return { name, bytes, balance, reasons, gaps, days: days.length };
}

function textOf({ files }: Generated): string {
  return files
    .map(
      ({ name, bytes, expected }) =>
        `${name} (${bytesText(bytes)}), simulated: ${balanceLine(expected.balance)}`,
    )
    .join("\n");
}
