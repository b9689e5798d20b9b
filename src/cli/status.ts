import type { Command } from "commander";
import { CandlebookError } from "../core/errors.ts";
import type { Workspace } from "../core/workspace.ts";
import { readDiary } from "../forecasting/diaryScores.ts";
import { simulatedBeside } from "../lake/source.ts";
import { staleSymbols, status } from "../serving/status.ts";
import { verify } from "../serving/verify.ts";
import { openWindows } from "../speed/consume/openWindows.ts";
import { producersOf } from "../speed/produce/producerStates.ts";
import { diaryText } from "./diaryText.ts";
import { attach, type Shell } from "./shell.ts";
import { checkText, statusText, verifyText } from "./statusText.ts";
import { duration } from "./streamOptions.ts";

interface Options {
  check?: boolean;
  maxAge: string;
  verify?: boolean;
}

export function registerStatus(program: Command, shell: Shell): void {
  const command = program
    .command("status")
    .description("data by symbol with their period and gaps; the stream, the last forecast, the last run")
    .option("--check", "check for monitors: exit 1 if the data are older than --max-age")
    .option("--max-age <time>", "maximum time since the end of the last complete day", "36h")
    .option("--verify", "check of every byte against the manifests: exit 1 on a difference");
  attach<Options>(shell, command, "candlebook status --json", async (workspace, options, effects) => {
    const maxAge = duration("--max-age", options.maxAge);
    const found = await status(workspace, { stream: streamOf }, effects);
    const diary = await readDiary(workspace, effects).catch(noneWhereDamaged);
    const verified = options.verify ? await verify(workspace, effects) : null;
    const empty = found.symbols.length === 0;
    const stale = options.check ? staleSymbols(found, workspace.clock(), maxAge) : null;
    const check =
      stale === null ? null : { maxAge: options.maxAge, fresh: stale.length === 0 && !empty, stale };
    const text = [
      ...(check === null && verified === null
        ? [statusText(found, await simulatedBeside(workspace)), ...diaryText(diary)]
        : []),
      ...(check === null ? [] : [checkText(check.stale, options.maxAge, empty)]),
      ...(verified === null ? [] : [verifyText(verified)]),
    ];
    const failed = check?.fresh === false || (verified !== null && verified.problems.length > 0);
    return {
      json: { ...found, diary, ...(check && { check }), ...(verified && { verify: verified }) },
      text: text.join("\n"),
      exit: failed ? 1 : 0,
    };
  });
}

const streamOf = (workspace: Workspace) => ({ ...openWindows(workspace), producers: producersOf(workspace) });

// The list of tables reports the damage; the rest of the status is still printed.
function noneWhereDamaged(error: unknown): [] {
  if (error instanceof CandlebookError && error.code === "damaged_diary") return [];
  throw error;
}
