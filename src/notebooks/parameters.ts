import { z } from "zod";
import { unknownSymbol } from "../candle/unknownSymbol.ts";
import { inputError } from "../core/errors.ts";
import { environment } from "../core/machine.ts";
import type { Workspace } from "../core/workspace.ts";
import { emptyWorkspace } from "../serving/emptyWorkspace.ts";
import { rawFiles } from "../serving/rawFiles.ts";
import { status } from "../serving/status.ts";

export type Parameter = string | number | boolean;

/** The type of a default is the parameter's type. */
export type Chosen<Defaults> = {
  [Name in keyof Defaults]: Defaults[Name] extends string
    ? string
    : Defaults[Name] extends number
      ? number
      : boolean;
};

/** The environment variable with the values of `--set`, as JSON. */
export const SETTINGS_VARIABLE = "CANDLEBOOK_SET";

const settingsForm = z.record(z.string(), z.string());

/**
 * A notebook's parameters: the defaults of its parameters cell, or the values of `candlebook notebooks --set name=value`. A `symbol` of `"first"` is the first symbol that the workspace has.
 *
 * ```ts
 * const { symbol, days } = await parameters(workspace, { symbol: "first", days: 90 });
 * ```
 * @throws CandlebookError `bad_parameter` if a value has another type than its default, `unknown_symbol`, `empty_workspace`
 */
export async function parameters<const Defaults extends Readonly<Record<string, Parameter>>>(
  workspace: Workspace,
  defaults: Defaults,
): Promise<Chosen<Defaults>> {
  const settings = settingsForm.parse(JSON.parse(environment[SETTINGS_VARIABLE] || "{}"));
  const chosen: Record<string, Parameter> = {};
  for (const [name, standard] of Object.entries(defaults)) {
    chosen[name] = name in settings ? parsed(name, settings[name], standard) : standard;
  }
  if (typeof chosen.symbol === "string") chosen.symbol = await known(workspace, chosen.symbol);
  return chosen as Chosen<Defaults>;
}

function parsed(name: string, text: string, standard: Parameter): Parameter {
  if (typeof standard === "string") return text;
  if (typeof standard === "number" && text.trim() !== "" && Number.isFinite(Number(text)))
    return Number(text);
  if (typeof standard === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  throw inputError(
    "bad_parameter",
    `The parameter ${name} is set to "${text}"; expected a ${typeof standard} such as ${standard}.`,
    `Write it as: --set ${name}=${standard}.`,
  );
}

async function known(workspace: Workspace, wanted: string): Promise<string> {
  const symbols = await symbolsOf(workspace);
  if (symbols.length === 0) throw emptyWorkspace();
  if (wanted === "first") return symbols[0];
  if (symbols.includes(wanted)) return wanted;
  throw unknownSymbol(wanted, symbols, "this workspace");
}

/** Before any day is published, the symbols are those of the raw files. */
async function symbolsOf(workspace: Workspace): Promise<string[]> {
  const { symbols } = await status(workspace);
  if (symbols.length > 0) return symbols.map(({ symbol }) => symbol);
  const files = await rawFiles(workspace);
  return [...new Set(files.flatMap((file) => file.symbols))].sort();
}
