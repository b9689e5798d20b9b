import { resolve, sep } from "node:path";
import type { Command } from "commander";
import type { FileReport } from "../batch/fileReport.ts";
import { assumedOf } from "../batch/fileReport.ts";
import type { InputFile } from "../batch/files.ts";
import { type IngestResult, ingest } from "../batch/ingest.ts";
import { fewOf } from "../batch/passedOver.ts";
import type { Source } from "../candle/candle.ts";
import { inWorkspace, type Workspace } from "../core/workspace.ts";
import { rememberWorkspace } from "../lake/lastWorkspace.ts";
import { forMarket, REAL_MARKET, readClaim } from "../lake/marketClaim.ts";
import { sparkFileReader } from "../spark/sparkFileReader.ts";
import { balanceLine } from "./balanceLine.ts";
import { addEngineOptions, type EngineOptions, onEngine } from "./engine.ts";
import { symbolList } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { addStatementOptions, type StatementOptions, statedFiles } from "./statementOptions.ts";
import { bytesText, grouped, textTable } from "./table.ts";
import { printable } from "./terminal.ts";

interface Options extends EngineOptions, StatementOptions {
  symbols?: string;
  also?: string[];
  verify?: boolean;
  rebuild?: boolean;
}

export function registerIngest(program: Command, shell: Shell): void {
  const command = program
    .command("ingest")
    .description("raw files (csv, csv.gz, zip) → <asset>_minutes and rejects, every line accounted for")
    .argument("[paths...]", "files or folders, or BTCUSDT=PATH (default: the files of the previous run)")
    .option("--symbols <list>", "trading pairs to publish, such as BTCUSDT,ETHUSDT (default: all)")
    .option("--also <paths...>", "copies to read too, until the next ingest without them")
    .option("--verify", "re-hash of every file instead of trusting size and mtime")
    .option("--rebuild", "full re-read of every file");
  addEngineOptions(addStatementOptions(command));
  attach<Options>(
    shell,
    command,
    "candlebook ingest BTCUSDT_1min.csv.gz",
    async (workspace, options, effects, words) => {
      const also = options.also === undefined ? [] : statedFiles(options.also, options);
      const files = words.length === 0 && also.length > 0 ? [] : statedFiles(words, options);
      const { market, source } = await chosenFor(workspace, files);
      const { symbols, verify, rebuild } = options;
      const wanted = { files, also, source, symbols: symbolList(symbols), verify, rebuild };
      const result = await onEngine(options, effects, (spark) =>
        ingest(
          { ...workspace, market },
          { ...wanted, reader: spark === null ? undefined : sparkFileReader(spark) },
          effects,
        ),
      );
      await rememberWorkspace(workspace.root);
      const { balance, skipped } = result;
      const tables = result.tables.map(({ manifest }) => ({ table: manifest.table, rows: manifest.rows }));
      const lines = [
        textTable(result.files.map(fileRow)),
        ...result.files.flatMap(problemLines),
        ...passedOverLines(result),
        ...assumedOf(result.files),
        ...tables.map(({ table, rows }) => `${table}: ${grouped(rows)} rows`),
        `${balanceLine(balance)}${skipped ? " (nothing had changed)" : ""}`,
      ];
      const { source: kind, files: read, passedOver } = result;
      const json = { source: kind, balance, files: read, passedOver, tables, skipped };
      // Where the rows read earlier stay, nothing of the file is missing.
      const refused = result.files.some(({ problem, rows }) => problem !== null && rows.in === 0);
      return { json, text: lines.join("\n"), exit: refused ? 2 : 0 };
    },
  );
}

/** Named files are real prices, except files that this workspace downloaded from a simulated exchange's archive. */
export async function chosenFor(
  workspace: Workspace,
  files: readonly InputFile[],
): Promise<Pick<Workspace, "market"> & { source?: Source }> {
  if (files.length === 0) return {};
  const raw = inWorkspace(workspace, "data", "raw") + sep;
  const simulated = (await readClaim(workspace))?.market === "simulated";
  if (simulated && files.every(({ path }) => (resolve(path) + sep).startsWith(raw)))
    return { source: "simulated" };
  return forMarket(workspace, REAL_MARKET);
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

/** Paths that were not read because they are not texts of candles: in folders and in zips. */
function passedOverLines({ files, passedOver }: IngestResult): string[] {
  const inZips = files.flatMap((file) => file.passedOver.map((entry) => `${file.name}/${entry}`));
  const all = [...passedOver, ...inZips].map(printable);
  return all.length === 0 ? [] : [`Skipped: ${fewOf(all)}`];
}

function problemLines({ name, rows, problem }: FileReport): string[] {
  if (problem === null) return [];
  const kept = rows.in > 0 ? ` The ${grouped(rows.valid)} rows read earlier are kept.` : "";
  return [`Not read: ${name}: ${problem.message}${kept}`, `  ${problem.next}`];
}
