import type { Command } from "commander";
import type { Workspace } from "../core/workspace.ts";
import { readSoundDiary } from "../forecasting/diaryScores.ts";
import { dataElsewhere } from "../lake/lastWorkspace.ts";
import { type Stale, staleSymbols, status } from "../serving/status.ts";
import { type VerifyResult, verify } from "../serving/verify.ts";
import { openWindows } from "../speed/consume/openWindows.ts";
import { producersOf } from "../speed/produce/producerStates.ts";
import { diaryText } from "./diaryText.ts";
import { refuseWithout } from "./inputs.ts";
import { attach, type Shell } from "./shell.ts";
import { checkText, statusText, verifyText } from "./statusText.ts";
import { duration } from "./streamOptions.ts";

interface Options {
  check?: boolean;
  maxAge?: string;
  verify?: boolean;
}

/** The default age from which `--check` fails. */
const MAX_AGE = "36h";

export function registerStatus(program: Command, shell: Shell): void {
  const command = program
    .command("status")
    .description("data by symbol with their period and gaps; the stream, the last forecast, the last run")
    .option("--check", "check for monitors: exit 1 if the data are older than --max-age")
    .option("--max-age <time>", "maximum time since the end of the last complete day (default: 36h)")
    .option("--verify", "check of every byte against the manifests: exit 1 on a difference");
  attach<Options>(shell, command, "candlebook status --json", async (workspace, options, effects) => {
    const { maxAge: allowed = MAX_AGE } = options;
    if (!options.check) refuseWithout("it is the limit of --check", options, ["maxAge"]);
    const maxAge = duration("--max-age", allowed);
    const found = await status(workspace, { stream: streamOf }, effects);
    const diary = await readSoundDiary(workspace, effects);
    const parts: Part[] = [];
    if (options.check) {
      const stale = staleSymbols(found, workspace.clock(), maxAge);
      parts.push(checkPart(stale, allowed, found.symbols.length === 0));
    }
    if (options.verify) parts.push(verifyPart(await verify(workspace, effects)));
    if (parts.length === 0) {
      const text = [statusText(found, await dataElsewhere(workspace.root)), ...diaryText(diary)];
      parts.push({ json: {}, text: text.join("\n"), passed: true });
    }
    return {
      json: Object.assign({ ...found, diary }, ...parts.map(({ json }) => json)),
      text: parts.map(({ text }) => text).join("\n"),
      exit: parts.every(({ passed }) => passed) ? 0 : 1,
    };
  });
}

/** What an option adds to the answer. */
interface Part {
  json: object;
  text: string;
  passed: boolean;
}

function checkPart(stale: readonly Stale[], maxAge: string, empty: boolean): Part {
  const fresh = stale.length === 0 && !empty;
  return { json: { check: { maxAge, fresh, stale } }, text: checkText(stale, maxAge, empty), passed: fresh };
}

function verifyPart(verified: VerifyResult): Part {
  return { json: { verify: verified }, text: verifyText(verified), passed: verified.problems.length === 0 };
}

const streamOf = (workspace: Workspace) => ({ ...openWindows(workspace), producers: producersOf(workspace) });
