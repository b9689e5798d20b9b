import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseSymbol } from "../candle/symbol.ts";
import { inputError } from "../core/errors.ts";
import { didYouMean } from "../core/nearNames.ts";
import { IS_CHECKOUT, PROJECT_ROOT } from "../core/projectRoot.ts";
import { WEEKS } from "../course/weeks.ts";
import type { Kernel } from "./executeNotebook.ts";

export interface NotebookOptions {
  /** `tslab` by default. */
  kernel?: Kernel;
  /** Beginning of the name of the notebooks to run: `week3`. */
  only?: string;
  /**
   * Parameters by name, as text; each notebook uses those that its parameters cell has. `symbol` may name several,
   * with commas between them: the notebooks are run for each.
   */
  set?: Readonly<Record<string, string>>;
  /**
   * Number of parallel notebooks, 1 by default: each waits for those before it, because it may need their tables.
   * With more the tables should be published already, or a notebook may fail because one is missing.
   */
  atOnce?: number;
}

const SOURCES = join(PROJECT_ROOT, "notebooks");

/** The folder of the executed notebooks, in the workspace. */
export const OUTPUTS = ["report", "notebooks"] as const;

/**
 * Throws unless this is a checkout: an installed package has neither notebooks nor kernels.
 * @throws CandlebookError `no_checkout` (exit 2)
 */
export function requireCheckout(): void {
  if (IS_CHECKOUT) return;
  throw inputError(
    "no_checkout",
    "Notebooks and the report need a checkout of candlebook; this is an installed package.",
    "Clone the project and run `npm run setup` there; or stop before the notebooks: candlebook run --until figures.",
  );
}

/** One notebook to run, for one choice of parameters. */
export interface NotebookTask {
  name: string;
  /** The .ipynb to run. */
  notebook: string;
  symbol: string | null;
  /** Of the executed notebook, in the workspace. */
  place: readonly string[];
  /** The notebook's text. */
  cells: string;
  settings: Record<string, string>;
}

/**
 * The notebooks to run, in the course's order.
 * @throws CandlebookError `no_checkout`, `no_such_notebook`, `no_such_parameter`, `bad_symbol` (exit 2)
 */
export async function notebookTasks({ only = "", set = {} }: NotebookOptions): Promise<NotebookTask[]> {
  requireCheckout();
  const known = WEEKS.map(({ notebook }) => notebook);
  const chosen = known.filter((name) => name.startsWith(only));
  if (chosen.length === 0) {
    throw inputError(
      "no_such_notebook",
      `No notebook has a name that begins with "${only}".`,
      `${didYouMean(only, shortNames(known))}There are ${known.join(", ")}.`,
    );
  }
  const pathOf = (name: string) => join(SOURCES, `${name}.ipynb`);
  const sources = await Promise.all(chosen.map((name) => readFile(pathOf(name), "utf8")));
  refuseUnknown(Object.keys(set), sources);
  const { symbol: asked, ...others } = set;
  const symbols = asked === undefined || asked === "first" ? [null] : asked.split(",").map(parseSymbol);
  return [...new Set(symbols)].flatMap((symbol) =>
    chosen.map((name, i): NotebookTask => {
      const file = `${name}.ipynb`;
      const wanted = Object.entries(symbol === null ? others : { ...others, symbol });
      const defaults = parameterDefaults(sources[i]);
      const other = wanted.filter(([key, text]) => key in defaults && defaults[key] !== text);
      return {
        name,
        notebook: pathOf(name),
        symbol,
        place: symbol === null ? [...OUTPUTS, file] : [...OUTPUTS, symbol, file],
        cells: sources[i],
        settings: Object.fromEntries(other),
      };
    }),
  );
}

/**
 * The names and defaults in a notebook's parameters cell: `parameters(workspace, { symbol: "first", days: 90 })`.
 * @param notebook the file's text, in which quotes are escaped
 */
export function parameterDefaults(notebook: string): Record<string, string> {
  const [, defaults = ""] = /\bparameters\(workspace, \{([^}]*)\}/.exec(notebook) ?? [];
  const pairs = [...defaults.matchAll(/(\w+): *([^,]*)/g)];
  return Object.fromEntries(pairs.map(([, name, text]) => [name, text.replaceAll(/^[\\"]+|[\\"\s]+$/g, "")]));
}

/** Names as they are typed: whole, or the week alone. */
const shortNames = (names: readonly string[]) => names.flatMap((name) => [name.split("-")[0], name]);

function refuseUnknown(names: readonly string[], notebooks: readonly string[]): void {
  const known = [...new Set(notebooks.flatMap((text) => Object.keys(parameterDefaults(text))))].sort();
  const stranger = names.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  throw inputError(
    "no_such_parameter",
    `No notebook has a parameter ${stranger}.`,
    `${didYouMean(stranger, known)}There are ${known.join(", ") || "none"}.`,
  );
}
