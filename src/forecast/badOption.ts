import { type CandlebookError, inputError } from "../core/errors.ts";

/** @returns the error `bad_option` (exit 2), naming model, option and the value found */
export function badOption(model: string, option: string, value: unknown, expected: string): CandlebookError {
  const found = `The option ${option} of ${model} is ${String(value)}; it must be ${expected}.`;
  return inputError("bad_option", found, "Leave it out for the default.");
}
