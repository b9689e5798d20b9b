import type { Command } from "commander";
import { rememberWorkspace } from "../lake/lastWorkspace.ts";
import { type ArchiveResult, archiveSource } from "../pipeline/archiveSource.ts";
import { parseInterval } from "../venues/venueInterval.ts";
import { withArchiveUrl } from "./addressOptions.ts";
import { dayRange, symbolList } from "./inputs.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import { grouped } from "./table.ts";

interface Options {
  symbols?: string;
  from?: string;
  to?: string;
  interval: string;
  parallel: string;
  dryRun?: boolean;
  archiveUrl?: string;
}

export function registerDownload(program: Command, shell: Shell): void {
  const command = withArchiveUrl(
    program
      .command("download")
      .description("the exchange's public archive → data/raw, each file verified")
      .option("--symbols <list>", "trading pairs (default: those of the last download, else BTCUSDT,ETHUSDT)")
      .option("--from <day>", "first day, UTC (default: that of the last download, else twelve months ago)")
      .option("--to <day>", "last day, UTC (default: yesterday)")
      .option("--interval <length>", "length of the candles: 1m, 1h, 1d …", "1m")
      .option("--parallel <n>", "number of parallel downloads", "4")
      .option("--dry-run", "the plan only: files, bytes, files that exist already"),
  );
  attach<Options>(
    shell,
    command,
    "candlebook download --from 2025-01-01",
    async (workspace, options, effects) => {
      const { dryRun, archiveUrl } = options;
      const wanted = {
        archiveUrl,
        dryRun,
        symbols: symbolList(options.symbols),
        ...dayRange(options),
        interval: parseInterval(options.interval),
        parallel: wholeNumber("--parallel", options.parallel, 1, 16),
      };
      const result = await archiveSource(workspace, wanted, effects);
      if (!dryRun) await rememberWorkspace(workspace.root);
      const { files, bytes, symbols, from, to } = result;
      return { json: { symbols, from, to, bytes, files }, text: downloadText(result) };
    },
  );
}

function downloadText({ files, symbols, from, to }: ArchiveResult): string {
  const byState = Map.groupBy(files, ({ state }) => state);
  const counts = [...byState].map(([state, list]) => {
    const bytes = list.reduce((sum, file) => sum + file.bytes, 0);
    return `${grouped(list.length)} ${state}${bytes > 0 ? ` (${(bytes / 1e6).toFixed(1)} MB)` : ""}`;
  });
  const odd = files.filter(({ state, remark }) => remark !== null && state !== "absent");
  const remarks = odd.slice(0, 20).map(({ name, state, remark }) => `${name}: ${state}, ${remark}`);
  return [`${symbols.join(", ")} from ${from} to ${to}: ${counts.join(", ")}`, ...remarks].join("\n");
}
