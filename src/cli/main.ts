import { Command, CommanderError } from "commander";
import { inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import { CODE_VERSION } from "../core/version.ts";
import { commands } from "./commands.ts";
import { report, type Shell } from "./shell.ts";
import { systemTerminal } from "./terminal.ts";

/**
 * Runs one command line.
 * @param words without the interpreter and the script
 */
export async function main(words: readonly string[], shell: Shell): Promise<void> {
  const program = new Command("candlebook")
    .description("From raw 1-minute crypto prices to a 30-day forecast and a report.")
    .version(CODE_VERSION)
    .exitOverride()
    .configureOutput({ writeOut: shell.terminal.out, writeErr: () => {} });
  const wanted = Object.hasOwn(commands, words[0]) ? [commands[words[0]]] : Object.values(commands);
  for (const load of wanted) (await load())(program, shell);
  for (const command of program.commands) {
    command.exitOverride().configureOutput({ writeOut: shell.terminal.out, writeErr: () => {} });
  }
  if (words.length === 0) {
    shell.terminal.out(program.helpInformation());
    return;
  }
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    // All that Commander says of `help` with an unknown command is "(outputHelp)".
    const [message, hint] = (
      error.code === "commander.help" ? `unknown command '${words[1]}'` : error.message
    )
      .replace(/^error: /, "")
      .split("\n");
    const known = program.commands.find((command) => command.name() === words[0]);
    const help = `See candlebook ${known === undefined ? "" : `${known.name()} `}--help.`;
    // Commander's own suggestion, "(Did you mean --from?)".
    const next = hint === undefined ? nearName(message) + help : `${hint.replace(/^\(|\)$/g, "")} ${help}`;
    report(shell.terminal, inputError("wrong_use", `${message.replace(/\.$/, "")}.`, next), {
      json: words.includes("--json"),
    });
    shell.setExit(2);
  }
}

/** Commander suggests options and commands, but no values of an option, and no command to `help`. */
function nearName(message: string): string {
  const [, command] = /^unknown command '(.*)'$/s.exec(message) ?? [];
  if (command !== undefined) return didYouMean(command, Object.keys(commands));
  const found = /argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s.exec(message);
  return found === null ? "" : didYouMean(found[1], found[2].split(", "));
}

/**
 * Starts the command line of this process; the first Ctrl-C stops at a safe point, the second at once, by the signal
 * itself: an ordinary exit would wait for the engine's threads.
 */
export async function start(): Promise<void> {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.removeAllListeners(name);
        process.kill(process.pid, name);
      }
      // With the usual name, so that whatever waits knows it, and the signal's as its message.
      controller.abort(new DOMException(name, "AbortError"));
    });
  }
  // The process that started this one was killed.
  process.once("disconnect", () => controller.abort());
  process.channel?.unref();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // A reader that has seen enough, as `head` has, is no failure.
    if (error.code === "EPIPE") process.exit(0);
    const reason = error.code === "ENOSPC" ? "the disk is full" : (error.code ?? "unknown reason");
    process.stderr.write(`error: The result can't be written to standard output: ${reason}.\n`);
    process.exit(1);
  });
  return main(process.argv.slice(2), {
    terminal: systemTerminal,
    signal: controller.signal,
    setExit: (code) => {
      process.exitCode = code;
    },
  });
}
