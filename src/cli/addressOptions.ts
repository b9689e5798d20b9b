import type { Command } from "commander";

/** Adds the addresses of the exchange that a command asks. */
export function withRestUrl(command: Command): Command {
  return command.option(
    "--rest-url <url>",
    "the exchange's REST address (env CANDLEBOOK_REST_URL; default: the exchange's own)",
  );
}

/** @see withRestUrl */
export function withArchiveUrl(command: Command): Command {
  return command.option(
    "--archive-url <url>",
    "the public archive's address (env CANDLEBOOK_ARCHIVE_URL; default: the exchange's own)",
  );
}
