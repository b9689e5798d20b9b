import type { Command } from "commander";
import type { Effects } from "../core/effects.ts";
import { CandlebookError, failure } from "../core/errors.ts";
import { inEnglish } from "../core/text.ts";
import type { Workspace } from "../core/workspace.ts";
import { chooseWorkspace, dataElsewhere } from "../lake/lastWorkspace.ts";
import { readClaim } from "../lake/marketClaim.ts";
import { openWorkspace } from "../lake/openWorkspace.ts";
import { storageError } from "../lake/storageError.ts";
import { findSettings } from "./settingsFile.ts";
import { dataIn, folderText } from "./table.ts";
import { badValue, NO_PROGRESS, printable, progressPrinter, type Terminal } from "./terminal.ts";

/** The result of a command: one object for programs, one text for people. */
export interface Reply {
  /** Absent: the action has written its result itself. */
  json?: object;
  text: string;
  /** The exit code; default 0. */
  exit?: number;
}

/** The options of every command. */
export interface CommonOptions {
  workspace?: string;
  now?: string;
  memory?: string;
  threads?: string;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  /** Attributes of the options whose value is that of the workspace's settings file. */
  configured?: readonly string[];
}

/** A command's action, called with the open workspace, progress and an abort signal. */
export type Action<Options> = (
  workspace: Workspace,
  options: Options & CommonOptions,
  effects: Required<Effects>,
  words: string[],
) => Promise<Reply>;

/** The running process as a command sees it; a test passes its own. */
export interface Shell {
  terminal: Terminal;
  signal: AbortSignal;
  setExit(code: number): void;
}

/** Gives a command the common options and its action. */
export function attach<Options extends object>(
  shell: Shell,
  command: Command,
  example: string,
  action: Action<Options>,
): void {
  command
    .option(
      "--workspace <dir>",
      "folder of the data (env CANDLEBOOK_WORKSPACE; default: that of the last run, else the checkout or the current folder)",
    )
    .option(
      "--now <instant>",
      "instant that counts as now, ISO 8601 (env CANDLEBOOK_NOW; default: the clock)",
    )
    .option("--memory <size>", "upper limit of the engine's buffers, such as 2GB (default: 1GB)")
    .option("--threads <n>", "number of cores of the engine (default: all)")
    .option("--json", "one JSON object on stdout: the result, or the error")
    .option("--quiet", "no progress")
    .option("--verbose", "details of an unexpected failure")
    .addHelpText("after", `\nExample:\n  ${example}`)
    .action(async (...call: unknown[]) => {
      const options = call[call.length - 2] as Options & CommonOptions;
      const words = call.slice(0, -2).flat() as string[];
      const name = command.name();
      const how = { ...options, name, endless: isEndless(name, options) };
      await perform(shell, how, async (effects) => {
        const workspace = await workspaceOf(shell.terminal, isLoading(name, words), options);
        const settled = await withSettings(command, workspace, options);
        return action(workspace, settled, effects, words).catch(async (error) => {
          throw await withPlaceOfData(error, workspace);
        });
      });
    });
}

/** The options, with the values of the settings file in the place of defaults. */
async function withSettings<Options extends CommonOptions>(
  command: Command,
  { root }: Workspace,
  options: Options,
): Promise<Options> {
  const file = await findSettings(root);
  if (file === null) return options;
  // What reads the file, and knows the models, is loaded where there is one.
  const { parseSettings, SETTINGS } = await import("./settings.ts");
  const found: Record<string, string> = {};
  for (const [key, text] of parseSettings(file)) {
    const name = SETTINGS[key].options[command.name()];
    if (name === undefined) continue;
    const source = command.getOptionValueSource(name);
    if (source === undefined || source === "default") found[name] = text;
  }
  return { ...options, ...found, configured: Object.keys(found) };
}

/** Without a limit these run until Ctrl-C, which is then their normal end. */
const ENDLESS: ReadonlySet<string> = new Set(["produce", "consume", "live", "simulate"]);
const LIMITS = ["once", "until", "for", "messages", "replay"];

function isEndless(command: string, options: object): boolean {
  return ENDLESS.has(command) && !LIMITS.some((name) => name in options);
}

/**
 * Commands that load data of a source, and the one that writes the settings of such: the remembered simulated market
 * is no place for them.
 */
const LOADING: ReadonlySet<string> = new Set(["run", "ingest", "download", "demo", "init"]);

/** `ingest` without paths reads the files of its workspace again. */
const isLoading = (command: string, words: readonly string[]) =>
  LOADING.has(command) && !(command === "ingest" && words.length === 0);

async function workspaceOf(terminal: Terminal, loads: boolean, options: CommonOptions): Promise<Workspace> {
  const { root, by } = await chooseWorkspace(
    options.workspace,
    ({ claim }) => !loads || claim.market === "real",
  );
  const workspace = await openWorkspace({
    root,
    now: options.now,
    memory: options.memory,
    threads: options.threads === undefined ? undefined : Number(options.threads),
  });
  if (by === "last" && !options.quiet) {
    const simulated = (await readClaim(workspace))?.market === "simulated";
    terminal.err(`${folderText(workspace.root)}${simulated ? ", made-up prices" : ""}\n`);
  }
  return workspace;
}

/** Codes of failures for which the workspace may be the wrong one. */
const NO_DATA: ReadonlySet<string> = new Set([
  ...["bad_query", "empty_workspace", "no_clean_minutes", "no_files", "no_input", "no_minutes"],
  ...["no_notebooks", "no_topic", "nothing_served", "nothing_to_merge", "unknown_symbol", "unknown_table"],
]);

async function withPlaceOfData(error: unknown, workspace: Workspace): Promise<unknown> {
  if (!(error instanceof CandlebookError) || !NO_DATA.has(error.code)) return error;
  const place = await dataElsewhere(workspace.root);
  if (place === null) return error;
  return error.reworded({ next: `${error.next} ${dataIn(place)}` });
}

async function perform(
  { terminal, signal, setExit }: Shell,
  options: CommonOptions & { name: string; endless: boolean },
  work: (effects: Required<Effects>) => Promise<Reply>,
): Promise<void> {
  const printer = options.quiet ? NO_PROGRESS : progressPrinter(terminal);
  try {
    const reply = await work({ progress: printer.progress, signal });
    printer.clear();
    const text = options.json && reply.json ? JSON.stringify(reply.json, inEnglish) : reply.text;
    terminal.out(text === "" ? "" : `${text}\n`);
    setExit(reply.exit ?? 0);
  } catch (error) {
    printer.clear();
    const told = storageError(error, "a file of the workspace");
    const known = told instanceof CandlebookError ? withHelpOf(options.name, told) : unexpected(error);
    if (options.endless && known.code === "interrupted" && signal.reason?.message === "SIGINT") {
      terminal.err("Stopped. The published tables are intact.\n");
      return;
    }
    report(terminal, known, options);
    setExit(known.exit);
  }
}

/** An error that points to the help points to that of its command. */
function withHelpOf(name: string, error: CandlebookError): CandlebookError {
  return error.reworded({
    next: error.next.replace(/^See (candlebook )?--help\.$/, `See candlebook ${name} --help.`),
  });
}

function unexpected(error: unknown): CandlebookError {
  const words = error instanceof Error ? error.message.split("\n")[0] : String(error);
  const next = "The published tables are intact. Run again with --verbose for details, and please report it.";
  return failure("unexpected", `Unexpected error: ${words}`, next, error);
}

/** Prints a failure: one sentence on what happened, one on what to do; also as JSON with `--json`. */
export function report(terminal: Terminal, error: CandlebookError, options: CommonOptions): void {
  const { code, message, next } = error;
  if (options.json) terminal.out(`${JSON.stringify({ error: { code, message, next } })}\n`);
  const head = code === "interrupted" ? "" : "error: ";
  terminal.err(`${head}${printable(message)}\n  ${printable(next)}\n`);
  const cause = error.cause instanceof Error ? error.cause : error;
  if (options.verbose) terminal.err(`${cause.stack}\n`);
}

/**
 * A whole number from an option.
 * @throws CandlebookError `bad_option`
 */
export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw badValue(name, text, `a whole number from ${min} to ${max}`);
}
