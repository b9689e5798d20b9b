import type { Command } from "commander";
import { type FileReport, ingest } from "../batch/ingest.ts";
import { claimMarket } from "../lake/source.ts";
import { sparkFileReader } from "../spark/readFile.ts";
import { balanceLine } from "./balance.ts";
import { addEngineOptions, type EngineOptions, onEngine } from "./engine.ts";
import { inputFiles, symbolList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { bytesText, grouped, textTable } from "./table.ts";

interface Options extends EngineOptions {
  symbols?: string;
  verify?: boolean;
  rebuild?: boolean;
}

export function registerIngest(program: Command, shell: Shell): void {
  const command = program
    .command("ingest")
    .description("raw files (csv, csv.gz, zip) → <asset>_minutes and rejects, every line accounted for")
    .argument("[paths...]", "files or folders, or BTCUSDT=PATH; none: those of the last time")
    .option("--symbols <list>", "publish these only, such as BTCUSDT,ETHUSDT")
    .option("--verify", "trust no size and time: hash every file")
    .option("--rebuild", "read every file again");
  addEngineOptions(command);
  attach<Options>(
    shell,
    command,
    "candlebook ingest BTCUSDT_1min.csv.gz",
    async (workspace, options, effects, words) => {
      if (words.length > 0) await claimMarket(workspace, { schema: 1, market: "real" });
      const { symbols, verify, rebuild } = options;
      const wanted = { files: inputFiles(words), symbols: symbolList(symbols), verify, rebuild };
      const result = await onEngine(options, effects, (spark) =>
        ingest(
          workspace,
          { ...wanted, reader: spark === null ? undefined : sparkFileReader(spark) },
          effects,
        ),
      );
      const { source, balance, files, skipped } = result;
      const tables = result.tables.map(({ manifest }) => ({ table: manifest.table, rows: manifest.rows }));
      const lines = [
        textTable(files.map(fileRow)),
        ...files.flatMap(problemLines),
        ...tables.map(({ table, rows }) => `${table}: ${grouped(rows)} rows`),
        `${balanceLine(balance)}${skipped ? " (nothing had changed)" : ""}`,
      ];
      return { json: { source, balance, files, tables, skipped }, text: lines.join("\n") };
    },
  );
}

function fileRow({
  name,
  bytes,
  units,
  symbols,
  rows,
  reasons,
}: FileReport): Record<string, string | number> {
  return {
    file: name,
    size: bytesText(bytes),
    times: units.join("+"),
    symbols: symbols.join(" "),
    in: rows.in,
    valid: rows.valid,
    rejected: rows.rejected,
    reasons: Object.entries(reasons)
      .map(([reason, count]) => `${reason} ${count}`)
      .join(", "),
  };
}

function problemLines({ name, rows, problem }: FileReport): string[] {
  if (problem === null) return [];
  const kept = rows.in > 0 ? ` The ${grouped(rows.valid)} rows read earlier stay.` : "";
  return [`Not read: ${name}: ${problem.message}${kept}`, `  ${problem.next}`];
}
