import { type Command, Option } from "commander";
import { inputError } from "../core/errors.ts";
import { inWorkspace } from "../core/workspace.ts";
import { demo } from "../demo/demo.ts";
import { DEMO_TEXTS, type DemoLanguage } from "../demo/demoTexts.ts";
import { addresses } from "../venues/addresses.ts";
import { attach, type Shell, wholeNumber } from "./shell.ts";
import { streamUrlOf } from "./streamOptions.ts";
import { printable } from "./terminal.ts";

interface Options {
  live?: boolean;
  lang: DemoLanguage;
  messages?: string;
  streamUrl?: string;
  restUrl?: string;
}

export function registerDemo(program: Command, shell: Shell): void {
  const command = program
    .command("demo")
    .description("an offline tour of a few minutes, in its own folder")
    .option("--live", "the real exchange instead of a simulated one")
    .addOption(
      new Option("--lang <language>", "language of the tour").choices(Object.keys(DEMO_TEXTS)).default("en"),
    )
    .option("--messages <n>", "number of messages to wait for (default: 1008)")
    .option("--stream-url <url>", "base address of the real exchange's streams (env CANDLEBOOK_STREAM_URL)")
    .option("--rest-url <url>", "base address of the real exchange's REST API (env CANDLEBOOK_REST_URL)");
  attach<Options>(shell, command, "candlebook demo --lang vi", async (workspace, options, effects) => {
    const own =
      options.workspace === undefined ? { ...workspace, root: inWorkspace(workspace, "demo") } : workspace;
    const { streamUrl, restUrl, live = false } = options;
    if (!live && (streamUrl ?? restUrl) !== undefined) {
      throw inputError(
        "bad_option",
        "--stream-url and --rest-url are for the real exchange only.",
        "Add --live.",
      );
    }
    const told: string[] = [];
    const result = await demo(
      own,
      {
        live,
        ...(live ? { streamUrl: streamUrlOf(options), restUrl: addresses(options).restUrl } : {}),
        language: options.lang,
        messages:
          options.messages === undefined
            ? undefined
            : wholeNumber("--messages", options.messages, 1, 1_000_000),
        tell: (sentence) => {
          told.push(sentence);
          if (!options.json && !options.quiet) shell.terminal.err(`${printable(sentence)}\n`);
        },
      },
      effects,
    );
    return { json: { ...result, told }, text: options.quiet ? told.map(printable).join("\n") : "" };
  });
}
