import { existsSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CandlebookError, inputError } from "../core/errors.ts";
import type { Forecaster } from "../forecast/forecaster.ts";
import { ALL_MODELS, forecasterOf, MODEL_NAMES } from "../forecast/registry.ts";

/** A shipped model by its name (`all`: every shipped one), or a model of one's own. */
export type ModelChoice = string | Forecaster;

// As the file that imports it: source or compiled.
const LIBRARY = new URL(import.meta.url.endsWith(".ts") ? "../index.ts" : "../index.js", import.meta.url)
  .href;

/** @throws CandlebookError `unknown_model` (exit 2) */
export function chosenModels(choices: readonly ModelChoice[] = [ALL_MODELS]): Forecaster[] {
  return choices
    .flatMap((choice): readonly ModelChoice[] => (choice === ALL_MODELS ? MODEL_NAMES : [choice]))
    .map((choice) => (typeof choice === "string" ? forecasterOf({ name: choice }) : choice));
}

/**
 * Loads models from files and works with them. What the person's code throws, while it is loaded or while it works,
 * names the file and the line.
 * @param files TypeScript or JavaScript whose exports are forecasters; "candlebook" is this library, wherever they are
 * @throws CandlebookError `no_model_file`, `no_model`, `own_model_failed` (exit 2), and those of `work`
 */
export async function withOwnModels<Result>(
  files: readonly string[],
  work: (models: Forecaster[]) => Promise<Result>,
): Promise<Result> {
  const paths = files.map((file) => resolve(file));
  const hooks = registerHooks({
    resolve: (specifier, context, next) => next(specifier === "candlebook" ? LIBRARY : specifier, context),
  });
  try {
    const models: Forecaster[] = [];
    for (const path of paths) models.push(...(await loadModels(path)));
    return await work(models);
  } catch (error) {
    throw withLine(error, paths);
  } finally {
    hooks.deregister();
  }
}

async function loadModels(path: string): Promise<Forecaster[]> {
  if (!existsSync(path)) {
    throw inputError("no_model_file", `There is no file ${path}.`, "Name a file: --model ./mine.ts");
  }
  const exported: unknown[] = Object.values(await import(pathToFileURL(path).href));
  const models = exported.filter(isForecaster);
  if (models.length > 0) return [...new Set(models)];
  throw inputError(
    "no_model",
    `${basename(path)} exports no model.`,
    "Export what defineForecaster returns: export default defineForecaster({ … }).",
  );
}

function isForecaster(value: unknown): value is Forecaster {
  const { name, needs, fit } = (value ?? {}) as Partial<Forecaster>;
  return typeof name === "string" && typeof needs === "object" && typeof fit === "function";
}

/** The error with the place in the person's file that it is from; as it is where it is not from there. */
function withLine(error: unknown, paths: readonly string[]): unknown {
  if (!(error instanceof Error)) return error;
  const [path, line] = paths.map((file) => [file, lineIn(file, error)] as const).find(([, at]) => at) ?? [];
  if (path === undefined) return error;
  const place = `${basename(path)}, line ${line}: `;
  if (!(error instanceof CandlebookError)) {
    const found = `${place}${error.message.split("\n")[0]}`;
    return inputError("own_model_failed", found, "Correct that line and run again.", error);
  }
  return error.reworded({ message: `${place}${error.message}` });
}

function lineIn(path: string, { stack = "" }: Error): string | undefined {
  const name = basename(path).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`[\\\\/]${name}(?:\\?[^:]*)?:(\\d+)`).exec(stack)?.[1];
}
