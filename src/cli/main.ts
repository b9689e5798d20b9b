import { Command, CommanderError } from "commander";
import { inputError } from "../core/errors.ts";
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
    const message = error.message.replace(/^error: /, "");
    report(shell.terminal, inputError("wrong_use", `${message}.`, "See candlebook --help."), {
      json: words.includes("--json"),
    });
    shell.setExit(2);
  }
}

/**
 * Starts the command line of this process; the first Ctrl-C stops at a safe point, the second at once, by the signal
 * itself: an ordinary exit would wait for the engine's threads.
 */
export function start(): Promise<void> {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.removeAllListeners(name);
        process.kill(process.pid, name);
      }
      controller.abort();
    });
  }
  // The process that started this one was killed.
  process.once("disconnect", () => controller.abort());
  process.channel?.unref();
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    process.exit(error.code === "EPIPE" ? 0 : 1);
  });
  return main(process.argv.slice(2), {
    terminal: systemTerminal,
    signal: controller.signal,
    setExit: (code) => {
      process.exitCode = code;
    },
  });
}
