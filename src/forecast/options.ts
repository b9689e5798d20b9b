import { inputError } from "../core/errors.ts";

/** @throws CandlebookError `bad_option` (exit 2), naming model, option and the value found, unless `holds` */
export function checkOption(
  model: string,
  option: string,
  value: unknown,
  holds: boolean,
  expected: string,
): void {
  if (holds) return;
  const found = `The option ${option} of ${model} is ${String(value)}; it must be ${expected}.`;
  throw inputError("bad_option", found, "Leave it out for the default.");
}
