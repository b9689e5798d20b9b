import type { Command } from "commander";

/** Adds the address of the exchange's REST API to a command. */
export function withRestUrl(command: Command): Command {
  return command.option(
    "--rest-url <url>",
    "base address of the exchange's REST API (env CANDLEBOOK_REST_URL; default: the exchange's own)",
  );
}

/** @see withRestUrl */
export function withArchiveUrl(command: Command): Command {
  return command.option(
    "--archive-url <url>",
    "base address of the public archive (env CANDLEBOOK_ARCHIVE_URL; default: the exchange's own)",
  );
}
