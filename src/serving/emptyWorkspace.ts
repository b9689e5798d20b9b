import { type CandlebookError, inputError } from "../core/errors.ts";

/** The refusal (`empty_workspace`, exit 2) of a reader that finds a workspace in which nothing was ever ingested. */
export function emptyWorkspace(): CandlebookError {
  return inputError(
    "empty_workspace",
    "This workspace holds no data yet, so there is nothing to look at.",
    "Load some first: candlebook run --csv PATH, or candlebook run --simulated.",
  );
}
